using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using ModelRegistry.MySqlClient.Protocol;

namespace ModelRegistry.MySqlClient.Results;

/// <summary>Dates and times in both protocols. Zero dates, which .NET has not, are <see cref="DateTime.MinValue"/>.</summary>
internal static class TemporalValue
{
    // TIME reaches to 838:59:59; anything far beyond is no time.
    private const int MaxHours = 10_000;
    private const int MicrosecondDigits = 6;

    /// <exception cref="ProtocolException">The bytes are no date.</exception>
    public static DateTime BinaryDateTime(ReadOnlySpan<byte> field)
    {
        if (field.Length is not (0 or 4 or 7 or 11))
            throw new ProtocolException($"A date of {field.Length} bytes does not exist.");
        if (field.Length == 0)
            return DateTime.MinValue;
        var date = Date(BinaryPrimitives.ReadUInt16LittleEndian(field), field[2], field[3]);
        if (field.Length == 4)
            return date;
        var microseconds = field.Length == 11 ? BinaryPrimitives.ReadUInt32LittleEndian(field[7..]) : 0;
        return date + TimeOfDay(field[4], field[5], field[6], microseconds);
    }

    /// <summary>A time of the binary protocol, which can be negative and longer than a day.</summary>
    /// <exception cref="ProtocolException">The bytes are no time.</exception>
    public static TimeSpan BinaryTime(ReadOnlySpan<byte> field)
    {
        if (field.Length is not (0 or 8 or 12))
            throw new ProtocolException($"A time of {field.Length} bytes does not exist.");
        if (field.Length == 0)
            return TimeSpan.Zero;
        var days = BinaryPrimitives.ReadUInt32LittleEndian(field[1..]);
        if (days > MaxHours / 24)
            throw new ProtocolException($"A time of {days} days does not exist.");
        var microseconds = field.Length == 12 ? BinaryPrimitives.ReadUInt32LittleEndian(field[8..]) : 0;
        var span = TimeSpan.FromDays((int)days) + TimeOfDay(field[5], field[6], field[7], microseconds);
        return field[0] == 1 ? -span : span;
    }

    /// <summary><c>2026-05-04</c>, <c>2026-05-04 10:20:30</c>, <c>2026-05-04 10:20:30.123456</c>.</summary>
    /// <exception cref="ProtocolException">The text is no date.</exception>
    public static DateTime TextDateTime(ReadOnlySpan<byte> field)
    {
        if (field.Length < 10 || !TryNumber(field[..4], out var year) || !TryNumber(field[5..7], out var month) || !TryNumber(field[8..10], out var day))
            throw NotTemporal(field);
        var date = Date(year, month, day);
        if (field.Length == 10)
            return date;
        var time = TextTime(field[11..]);
        return time >= TimeSpan.Zero && time < TimeSpan.FromDays(1) ? date + time : throw NotTemporal(field);
    }

    /// <summary><c>10:20:30</c>, <c>-838:59:59.123456</c>.</summary>
    /// <exception cref="ProtocolException">The text is no time.</exception>
    public static TimeSpan TextTime(ReadOnlySpan<byte> field)
    {
        var isNegative = field.StartsWith("-"u8);
        var text = isNegative ? field[1..] : field;
        var colon = text.IndexOf((byte)':');
        if (colon < 1 || !TryNumber(text[..colon], out var hours) || hours > MaxHours)
            throw NotTemporal(field);
        var rest = text[(colon + 1)..];
        if (rest.Length < 5 || !TryNumber(rest[..2], out var minutes) || !TryNumber(rest[3..5], out var seconds) || !TryFraction(rest[5..], out var microseconds))
            throw NotTemporal(field);
        var span = TimeSpan.FromHours(hours) + TimeOfDay(0, minutes, seconds, (uint)microseconds);
        return isNegative ? -span : span;
    }

    private static DateTime Date(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateTime(year, month, day)
            : DateTime.MinValue;

    private static TimeSpan TimeOfDay(int hours, int minutes, int seconds, uint microseconds) =>
        hours < 24 && minutes < 60 && seconds < 60 && microseconds < 1_000_000
            ? new TimeSpan(hours, minutes, seconds) + TimeSpan.FromMicroseconds(microseconds)
            : throw new ProtocolException($"{hours}:{minutes}:{seconds} and {microseconds} µs is not a time of day.");

    private static bool TryFraction(ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        if (text.Length == 0)
            return true;
        var digits = text[1..];
        if (text[0] != (byte)'.' || digits.Length is 0 or > MicrosecondDigits || !TryNumber(digits, out microseconds))
            return false;
        for (var i = digits.Length; i < MicrosecondDigits; i++)
            microseconds *= 10;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out int number) =>
        Utf8Parser.TryParse(text, out number, out var used) && used == text.Length && number >= 0;

    private static ProtocolException NotTemporal(ReadOnlySpan<byte> field) => new($"'{Encoding.ASCII.GetString(field)}' is not a date or time.");
}

using System.Buffers;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>The three numbers that Python writes into JSON, and reads from it, although JSON has them not.</summary>
internal static class BareNumbers
{
    /// <summary>Puts quotes around <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> where they stand as values.</summary>
    /// <returns>null when there are none.</returns>
    public static ReadOnlyMemory<byte>? Quote(ReadOnlySpan<byte> json)
    {
        ArrayBufferWriter<byte>? quoted = null;
        var (copied, position) = (0, 0);
        while (position < json.Length)
        {
            var length = json[position] == '"' ? 0 : LengthOfNumber(json[position..]);
            if (length == 0)
            {
                position += json[position] == '"' ? LengthOfText(json[position..]) : 1;
                continue;
            }

            quoted ??= new ArrayBufferWriter<byte>(json.Length + 64);
            quoted.Write(json[copied..position]);
            quoted.Write("\""u8);
            quoted.Write(json.Slice(position, length));
            quoted.Write("\""u8);
            copied = position += length;
        }

        quoted?.Write(json[copied..]);
        return quoted?.WrittenMemory;
    }

    private static int LengthOfNumber(ReadOnlySpan<byte> json) =>
        json.StartsWith("NaN"u8) ? 3 : json.StartsWith("Infinity"u8) ? 8 : json.StartsWith("-Infinity"u8) ? 9 : 0;

    /// <summary>How far a text reaches that begins here, with its quotes.</summary>
    private static int LengthOfText(ReadOnlySpan<byte> json)
    {
        for (var i = 1; i < json.Length; i++)
        {
            if (json[i] == '\\')
                i++;
            else if (json[i] == '"')
                return i + 1;
        }

        return json.Length;
    }
}

using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Where a page of records starts: behind a record, or, as older tokens say it, after a number of records.</summary>
/// <param name="RecordId">null for no record.</param>
internal sealed record DatasetRecordCursor(long Time, string? RecordId, long Offset)
{
    private static readonly DatasetRecordCursor Start = new(0, null, 0);

    /// <summary>The token of the page behind <paramref name="last"/>.</summary>
    public static string After(DatasetRecordRow last) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{last.CreatedTime}:{last.DatasetRecordId}")));

    /// <exception cref="ApiException">The token is of neither kind.</exception>
    public static DatasetRecordCursor Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return Start;
        if (Base64.IsValid(token) && ParsePosition(Encoding.UTF8.GetString(Convert.FromBase64String(token))) is { } cursor)
            return cursor;
        return long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? Start with { Offset = offset }
            : throw ApiException.Invalid($"Invalid page token {PythonText.Repr(token)}");
    }

    private static DatasetRecordCursor? ParsePosition(string text)
    {
        var parts = text.Split(':', 2);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            ? new DatasetRecordCursor(time, parts[1], 0)
            : null;
    }
}

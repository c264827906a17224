using System.Globalization;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Compares files with their records.</summary>
internal static class FileJudge
{
    /// <summary>Kinds of checksum that depend on how content was sent, and so differ between equal files.</summary>
    private const string TagOfUpload = "etag:";

    /// <summary>What can be told without reading the file.</summary>
    /// <returns>null when it has to be read.</returns>
    public static FileFinding? Quick(string path, LedgerRow? row, BlobReceipt stored)
    {
        if (row is null)
            return new FileFinding(path, FileState.Unknown, "not recorded");
        var isCertain = row is { Writer: null, DeletedTime: null };
        var sums = Compare(row.Checksum, stored.Checksum);
        if (row.Size == stored.Size && (sums is true || (sums is null && isCertain)))
            return new FileFinding(path, FileState.Ok, null);
        if (!isCertain)
            return new FileFinding(path, FileState.Unknown, "written without a record");
        if (row.Size != stored.Size)
            return new FileFinding(path, FileState.Changed, Sizes(row, stored.Size));
        return row.Sha256 is not null ? null : new FileFinding(path, SumIsOfContent(row.Checksum!) ? FileState.Changed : FileState.Unknown, "another checksum");
    }

    /// <summary>What can be told of a file that was read.</summary>
    /// <returns>null when its content is to be taken for what it should be.</returns>
    public static FileFinding? Deep(string path, LedgerRow? row, BlobReceipt stored, string sha256)
    {
        if (row is not { Writer: null, DeletedTime: null })
            return null;
        if (row.Size != stored.Size)
            return new FileFinding(path, FileState.Changed, Sizes(row, stored.Size));
        if (row.Sha256 is null)
            return Compare(row.Checksum, stored.Checksum) is false && SumIsOfContent(row.Checksum!) ? new FileFinding(path, FileState.Changed, "another checksum") : null;
        return row.Sha256 == sha256 ? new FileFinding(path, FileState.Ok, null) : new FileFinding(path, FileState.Changed, "another SHA-256");
    }

    /// <returns>null when the two cannot be compared.</returns>
    private static bool? Compare(string? recorded, string? stored)
    {
        if (recorded is null || stored is null)
            return null;
        var kind = recorded[..(recorded.IndexOf(':', StringComparison.Ordinal) + 1)];
        return stored.StartsWith(kind, StringComparison.Ordinal) ? recorded == stored : null;
    }

    private static bool SumIsOfContent(string checksum) => !checksum.StartsWith(TagOfUpload, StringComparison.Ordinal);

    private static string Sizes(LedgerRow row, long size) => string.Create(CultureInfo.InvariantCulture, $"{size} bytes instead of {row.Size}");
}

/// <summary>What was found of a file.</summary>
/// <param name="Path">Within its version; empty when the version is one file.</param>
/// <param name="State">A word of <see cref="FileState"/>.</param>
/// <param name="Detail">null when there is nothing to say.</param>
internal sealed record FileFinding(string Path, string State, string? Detail);

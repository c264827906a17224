namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>An upload that has begun.</summary>
/// <param name="Writer">Stands in the row while the upload lasts, if there is a row.</param>
/// <param name="IsNew">There was none.</param>
internal sealed record LedgerMark(ArtifactAddress Address, string Writer, bool IsNew);

/// <summary>A row of <c>mr_artifacts</c>; times are in milliseconds since 1970.</summary>
internal sealed record LedgerRow
{
    public const string Columns = "address, size, sha256, checksum, recorded_time, deleted_time, writer, state, state_time";

    public required string Address { get; init; }

    public long Size { get; init; }

    /// <summary>Lower-case hexadecimal digits; null while nobody has read the whole content.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What the store itself said, as in <see cref="BlobReceipt.Checksum"/>.</summary>
    public string? Checksum { get; init; }

    public long RecordedTime { get; init; }

    public long? DeletedTime { get; init; }

    /// <summary>Not null: the content may be another by now, because an upload has begun and its end is not known.</summary>
    public string? Writer { get; init; }

    /// <summary>What the verifier found last, a word of <see cref="FileState"/>; null when it has not looked yet.</summary>
    public string? State { get; init; }

    public long? StateTime { get; init; }

    /// <summary>
    /// Whether a version that was made at a time has the file, or should have it: one that was deleted since counts if it was there then, or if
    /// the verifier has seen it.
    /// </summary>
    public bool IsPartOf(long creationTime) =>
        DeletedTime is null || (DeletedTime > creationTime && (State is not null || RecordedTime <= creationTime));
}

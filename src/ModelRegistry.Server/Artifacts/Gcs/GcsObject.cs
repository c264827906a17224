using Stored = Google.Apis.Storage.v1.Data.Object;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>An object of a bucket.</summary>
internal sealed record GcsObject(string Name, long Size, long Generation, DateTimeOffset Updated, string? Crc32c)
{
    /// <summary>The fields that are asked for.</summary>
    public const string Fields = "name,size,generation,updated,crc32c";

    public string? Checksum => Crc32c is null ? null : $"crc32c:{Crc32c}";

    /// <summary>What the library read, with nothing missing that Google always says.</summary>
    public static GcsObject Of(Stored stored) =>
        new(stored.Name, (long)(stored.Size ?? 0), stored.Generation ?? 0, stored.UpdatedDateTimeOffset ?? default, stored.Crc32c);
}

/// <summary>A page of a listing.</summary>
/// <param name="Files">Objects.</param>
/// <param name="Folders">What is further down, summed up; each ends with a slash.</param>
internal sealed record GcsListing(IReadOnlyList<GcsObject> Files, IReadOnlyList<string> Folders);

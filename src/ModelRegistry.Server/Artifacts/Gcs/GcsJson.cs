using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>The documents of the JSON APIs of Google, as far as they are read and written here.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsListing))]
[JsonSerializable(typeof(GcsNewObject))]
[JsonSerializable(typeof(GcsErrorDocument))]
[JsonSerializable(typeof(SignBlobRequest))]
[JsonSerializable(typeof(SignBlobResponse))]
internal sealed partial class GcsJson : JsonSerializerContext;

/// <summary>An object of a bucket.</summary>
internal sealed record GcsObject(string Name, long Size, long Generation, DateTimeOffset Updated, string? Crc32c)
{
    /// <summary>The fields that are asked for.</summary>
    public const string Fields = "name,size,generation,updated,crc32c";

    public string? Checksum => Crc32c is null ? null : $"crc32c:{Crc32c}";
}

/// <summary>A page of a listing.</summary>
internal sealed record GcsListing(List<GcsObject>? Items, List<string>? Prefixes, string? NextPageToken);

/// <summary>What is said of an object when it is sent.</summary>
internal sealed record GcsNewObject(string Name, string ContentType, string? Crc32c);

internal sealed record GcsErrorDocument(GcsErrorBody? Error);

internal sealed record GcsErrorBody(int Code, string? Message);

internal sealed record SignBlobRequest(string Payload);

internal sealed record SignBlobResponse(string SignedBlob);

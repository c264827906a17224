using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>The documents of Google's JSON APIs that are not read and written by the library.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GcsErrorDocument))]
[JsonSerializable(typeof(SignBlobRequest))]
[JsonSerializable(typeof(SignBlobResponse))]
internal sealed partial class GcsJson : JsonSerializerContext;

internal sealed record GcsErrorDocument(GcsErrorBody? Error);

internal sealed record GcsErrorBody(string? Message);

internal sealed record SignBlobRequest(string Payload);

internal sealed record SignBlobResponse(string SignedBlob);

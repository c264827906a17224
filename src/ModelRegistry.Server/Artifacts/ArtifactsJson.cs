using System.Text.Json.Serialization;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Artifacts.Integrity;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(AbortMultipartRequest))]
[JsonSerializable(typeof(CompleteMultipartRequest))]
[JsonSerializable(typeof(CreateMultipartRequest))]
[JsonSerializable(typeof(CreateMultipartResponse))]
[JsonSerializable(typeof(ListArtifactsResponse))]
[JsonSerializable(typeof(ListModelArtifactsRequest))]
[JsonSerializable(typeof(ListProxyRequest))]
[JsonSerializable(typeof(ListRunArtifactsRequest))]
[JsonSerializable(typeof(ManifestRequest))]
[JsonSerializable(typeof(ManifestResponse))]
[JsonSerializable(typeof(PresignedDownloadResponse))]
[JsonSerializable(typeof(PresignedRequest))]
[JsonSerializable(typeof(PresignedUploadResponse))]
[JsonSerializable(typeof(ProxiedDownloadResponse))]
internal sealed partial class ArtifactsJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Observability;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(ServerInfoResponse))]
internal sealed partial class ObservabilityJson : JsonSerializerContext;

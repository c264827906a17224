using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ModelRegistry.Server.Http.Json;

/// <summary>The wire records that belong to no slice.</summary>
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(EmptyResponse))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(string))]
internal sealed partial class HttpJson : JsonSerializerContext;

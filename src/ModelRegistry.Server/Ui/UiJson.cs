using System.Text.Json.Serialization;
using ModelRegistry.Server.Ui.GraphQl;
using ModelRegistry.Server.Ui.PromptLab;

namespace ModelRegistry.Server.Ui;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(CreatePromptLabRunRequest))]
[JsonSerializable(typeof(GraphQlRequest))]
internal sealed partial class UiJson : JsonSerializerContext;

using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace ModelRegistry.Server.OpenApi;

/// <summary>
/// One example for each field that has the same meaning wherever it is, so that the bodies which a reader is shown make sense together.
/// </summary>
internal static class Examples
{
    private const string Run = "8f0a5e2d6c3b4f7e9a1d2c3b4a5f6e7d";
    private const string Trace = "tr-4bf92f3577b34da6a3ce929d0e0e4736";
    private const long Time = 1_770_000_000_000;

    private static readonly Dictionary<string, JsonNode> Texts = new(StringComparer.Ordinal)
    {
        ["alias"] = "champion",
        ["artifact_location"] = "mlflow-artifacts:/1",
        ["dataset_id"] = "d-1c0a4e4d5b6f4d0c8b6e3f7a2d9c1b5e",
        ["description"] = "Scores card payments",
        ["error_code"] = "RESOURCE_DOES_NOT_EXIST",
        ["experiment_id"] = "1",
        ["experiment_name"] = "card-fraud",
        ["filter"] = "name LIKE 'fraud%'",
        ["key"] = "team",
        ["message"] = "Registered Model with name=fraud not found",
        ["metric_key"] = "auc",
        ["model_id"] = "m-5d1e8b7a2c4f4c0fb3a6d9e8f7c6b5a4",
        ["model_uri"] = "models:/fraud/3",
        ["name"] = "fraud",
        ["new_name"] = "card-fraud",
        ["path"] = "model/MLmodel",
        ["request_id"] = Trace,
        ["run_id"] = Run,
        ["run_name"] = "amused-crane-417",
        ["run_uuid"] = Run,
        ["source"] = $"runs:/{Run}/model",
        ["trace_id"] = Trace,
        ["url"] = "https://hooks.example.com/models",
        ["value"] = "payments",
        ["version"] = "3",
        ["workspace_name"] = "payments",
    };

    private static readonly Dictionary<string, JsonNode> Numbers = new(StringComparer.Ordinal)
    {
        ["creation_time"] = Time,
        ["creation_timestamp"] = Time,
        ["end_time"] = Time,
        ["file_size"] = 2_048,
        ["last_update_time"] = Time,
        ["last_updated_timestamp"] = Time,
        ["max_results"] = 100,
        ["start_time"] = Time,
        ["step"] = 12,
        ["timestamp"] = Time,
        ["timestamp_ms"] = Time,
    };

    /// <returns>null where there is none.</returns>
    public static JsonNode? Of(string field, OpenApiSchema schema) => schema switch
    {
        { Type: JsonSchemaType.String, Format: null, Pattern: null } => Texts.GetValueOrDefault(field)?.DeepClone(),
        { Type: JsonSchemaType.Integer } => Numbers.GetValueOrDefault(field)?.DeepClone(),
        { AnyOf.Count: > 0 } when field == "value" => 0.93,
        _ => null,
    };
}

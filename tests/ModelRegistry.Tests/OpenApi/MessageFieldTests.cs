using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.OpenApi;

/// <summary>The description against the fields of MLflow's messages (<c>TestData/mlflow-messages.json</c>).</summary>
public sealed class MessageFieldTests(DescribedServer server) : IClassFixture<DescribedServer>
{
    /// <summary>Messages whose form is not looked into, with the reason.</summary>
    private static readonly Dictionary<string, string> Opaque = new()
    {
        ["opentelemetry.proto.trace.v1.Span"] = "OpenTelemetry's own form; docs of that project describe it",
    };

    /// <summary>Fields that are not described, by the reason.</summary>
    private static readonly Dictionary<string, string[]> Differences = new()
    {
        ["Only Databricks' own server sets or reads it."] =
        [
            "mlflow.CreateRegisteredModel.deployment_job_id is missing",
            "mlflow.UpdateRegisteredModel.deployment_job_id is missing",
            "mlflow.RegisteredModel.deployment_job_id is missing",
            "mlflow.RegisteredModel.deployment_job_state is missing",
            "mlflow.ModelVersion.deployment_job_state is missing",
            "mlflow.TraceLocation.inference_table is missing",
        ],
        ["Read by no handler of this server."] =
        [
            "mlflow.CreateDataset.created_by is missing",
            "mlflow.CreateDataset.profile is missing",
            "mlflow.CreateDataset.schema is missing",
            "mlflow.CreateDataset.source is missing",
            "mlflow.CreateDataset.source_type is missing",
            "mlflow.UpsertDatasetRecords.updated_by is missing",
            "mlflow.GetDataset.page_token is missing",
            "mlflow.ListLoggedModelArtifacts.page_token is missing",
        ],
        ["Never in an answer of this server: no recording of MLflow has it either."] =
        [
            "mlflow.GetDataset.Response.next_page_token is missing",
            "mlflow.ListArtifacts.Response.next_page_token is missing",
            "mlflow.ListLoggedModelArtifacts.Response.next_page_token is missing",
            "mlflow.QueryTraceMetrics.Response.next_page_token is missing",
            "mlflow.LoggedModelInfo.creator_id is missing",
            "mlflow.LoggedModelInfo.registrations is missing",
            "mlflow.LoggedModelInfo.status_message is missing",
            "mlflow.ModelVersion.model_id is missing",
            "mlflow.ModelVersion.model_metrics is missing",
            "mlflow.ModelVersion.model_params is missing",
            "mlflow.RegisteredModel.user_id is missing",
            "mlflow.SetDatasetTags.Response.dataset is missing",
            "mlflow.SetLoggedModelTags.Response.model is missing",
            "mlflow.TraceInfoV3.request is missing",
            "mlflow.TraceInfoV3.response is missing",
            "mlflow.WebhookTestResult.response_body is missing",
        ],
        ["Told of the metrics of a logged model, and not of those of a run."] =
        [
            "mlflow.Metric.dataset_digest is missing",
            "mlflow.Metric.dataset_name is missing",
            "mlflow.Metric.model_id is missing",
            "mlflow.Metric.run_id is missing",
        ],
        ["An older place of what answers have in feedback.error."] =
        [
            "mlflow.assessments.Assessment.error is missing",
        ],
        ["Said by the server: the trace is in the path, and a new assessment is valid."] =
        [
            "mlflow.assessments.Assessment.trace_id is missing",
            "mlflow.assessments.Assessment.valid is missing",
        ],
        ["Sent separately, by OTLP."] =
        [
            "mlflow.Trace.spans is missing",
        ],
    };

    private readonly MlflowMessages mlflow = JsonSerializer.Deserialize<MlflowMessages>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TestData", "mlflow-messages.json")), JsonSerializerOptions.Web)!;

    [Fact]
    public void Every_field_of_every_served_call_is_described_with_its_type()
    {
        var breaches = new SortedSet<string>();
        foreach (var call in mlflow.Calls)
        {
            if (server.Description.Find(call.Method, call.Path) is not { } operation)
                continue;
            var checkedOnWay = new HashSet<string>();
            var request = server.Description.RequestFields(operation);
            CheckFields(call.Request, request, breaches, checkedOnWay);
            CheckRequired(call, operation, request, breaches);
            if (operation.ResponseSchema(200, server.Description) is { } answer)
                CheckFields(call.Response, server.Description.Fields(answer), breaches, checkedOnWay);
        }

        var known = Differences.Values.SelectMany(fields => fields).ToHashSet();
        Assert.Empty(breaches.Except(known));
        Assert.Empty(known.Except(breaches));
    }

    [Fact]
    public void Every_call_of_mlflow_that_has_messages_is_described()
    {
        var states = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("docs/api-states.json"))).RootElement;
        var missing = mlflow.Calls.Where(call => server.Description.Find(call.Method, call.Path) is null).Select(call => $"{call.Method} {call.Path}");

        Assert.DoesNotContain(missing, call => !states.GetRawText().Contains(call.Split("/mlflow/")[^1], StringComparison.Ordinal));
    }

    private void CheckFields(string message, Dictionary<string, JsonElement> fields, SortedSet<string> breaches, HashSet<string> checkedOnWay)
    {
        if (!checkedOnWay.Add(message))
            return;
        foreach (var (name, type) in mlflow.Messages[message])
        {
            if (!fields.TryGetValue(name, out var schema))
                breaches.Add($"{message}.{name} is missing");
            else
                CheckType($"{message}.{name}", type.TrimEnd('!'), schema, breaches, checkedOnWay);
        }
    }

    private void CheckType(string place, string type, JsonElement reference, SortedSet<string> breaches, HashSet<string> checkedOnWay)
    {
        var schema = server.Description.Resolve(reference);
        if (type.EndsWith("[]", StringComparison.Ordinal))
        {
            if (TypeOf(schema) != "array")
                breaches.Add($"{place} is no list");
            else
                CheckType(place, type[..^2], schema.GetProperty("items"), breaches, checkedOnWay);
        }
        else if (type.StartsWith("enum ", StringComparison.Ordinal))
        {
            var isText = TypeOf(schema) == "string";
            var names = schema.TryGetProperty("enum", out var all) ? all.EnumerateArray().Select(name => name.GetString()!).ToList() : null;
            if (!isText || names?.Except(mlflow.Enums[type[5..]]).Any() == true)
                breaches.Add($"{place} is not of {type}");
        }
        else if (Wanted(type) is { } wanted)
        {
            if (TypeOf(schema) != wanted)
                breaches.Add($"{place} is {TypeOf(schema)}, not {wanted}");
        }
        else if (!Opaque.ContainsKey(type))
        {
            CheckFields(type, server.Description.Fields(schema), breaches, checkedOnWay);
        }
    }

    private void CheckRequired(MlflowCall call, ApiOperation operation, Dictionary<string, JsonElement> fields, SortedSet<string> breaches)
    {
        var body = operation.RequestSchema is { } schema ? server.Description.Resolve(schema) : default;
        var required = body.ValueKind == JsonValueKind.Object && body.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!) : [];
        var parameters = operation.Parameters.Where(one => one.TryGetProperty("required", out var must) && must.GetBoolean()).Select(one => one.GetProperty("name").GetString()!);
        foreach (var name in mlflow.Messages[call.Request].Where(field => field.Value.EndsWith('!')).Select(field => field.Key).Except(required.Concat(parameters)))
        {
            if (!(name == "run_id" && fields.ContainsKey("run_uuid")))
                breaches.Add($"{operation}: {name} is not required");
        }
    }

    /// <returns>null for a message.</returns>
    private static string? Wanted(string type) => type switch
    {
        "string" or "bytes" or "google.protobuf.Timestamp" or "google.protobuf.Duration" or "google.protobuf.FieldMask" => "string",
        "int32" or "int64" or "uint32" or "fixed32" or "fixed64" => "integer",
        "bool" => "boolean",
        "double" or "float" => "number",
        "google.protobuf.Value" or "google.protobuf.ListValue" => "any",
        _ when type.StartsWith("map ", StringComparison.Ordinal) || type == "google.protobuf.Struct" => "object",
        _ => null,
    };

    private static string TypeOf(JsonElement schema) =>
        schema.TryGetProperty("anyOf", out var choices) && choices[0].TryGetProperty("type", out var first) ? first.GetString()!
        : schema.TryGetProperty("type", out var type) ? type.ValueKind == JsonValueKind.Array ? type[0].GetString()! : type.GetString()!
        : "any";

    private sealed record MlflowMessages(MlflowCall[] Calls, Dictionary<string, Dictionary<string, string>> Messages, Dictionary<string, string[]> Enums);

    /// <summary>A call and the messages that it reads and writes.</summary>
    private sealed record MlflowCall(string Method, string Path, string Request, string Response);
}

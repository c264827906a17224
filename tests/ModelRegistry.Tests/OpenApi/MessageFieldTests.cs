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

    /// <summary>Fields that differ, with the reason.</summary>
    private static readonly Dictionary<string, string> Differences = new();

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

        breaches.ExceptWith(Differences.Keys);
        Assert.True(breaches.Count == 0, string.Join('\n', breaches));
    }

    [Fact]
    public void Every_call_of_mlflow_that_has_messages_is_described()
    {
        var states = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("docs/api-states.json"))).RootElement;
        var missing = mlflow.Calls.Where(call => server.Description.Find(call.Method, call.Path) is null).Select(call => $"{call.Method} {call.Path}");

        Assert.Empty(missing.Where(call => !states.GetRawText().Contains(call.Split("/mlflow/")[^1], StringComparison.Ordinal)));
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

using System.Text.Json;
using ModelRegistry.Tests.Recordings;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.OpenApi;

/// <summary>What MLflow's own clients and server said to one another, held against the description of the API.</summary>
public sealed class RecordedExchangeTests(DescribedServer server, ITestOutputHelper output) : IClassFixture<DescribedServer>
{
    /// <summary>Paths of recordings that are no calls of the API, or not there on purpose.</summary>
    private static readonly string[] NotDescribed = ["/", "/static-files/", "/ajax-api/3.0/mlflow/ui-telemetry", "/docs", "/openapi/v1.json"];

    /// <summary>Requests that break their schema and are accepted all the same, with the reason.</summary>
    private static readonly Dictionary<string, string> Lenient = new()
    {
        ["(tracking/batch_errors)"] = "a field that protobuf cannot read ends the body: what is before it counts",
        ["(tracking/search_view_types)"] = "a view type that MLflow does not know counts as none",
        ["(tracking/search_bad_parameters)"] = "a view type that MLflow does not know counts as none",
    };

    [Fact]
    public void Every_recorded_request_that_was_accepted_fits_its_schema()
    {
        var breaches = Exchanges().Where(exchange => exchange.Status is >= 200 and < 300).SelectMany(RequestBreaches)
            .Where(breach => !Lenient.Keys.Any(known => breach.EndsWith(known, StringComparison.Ordinal))).Distinct().ToList();

        Assert.True(breaches.Count == 0, string.Join('\n', breaches.Take(60)));
    }

    [Fact]
    public void Every_recorded_answer_fits_its_schema()
    {
        var all = Exchanges().ToList();
        var checkedAnswers = all.Where(exchange => SchemaOf(exchange) is not null).ToList();
        var breaches = checkedAnswers
            .SelectMany(exchange => SchemaCheck.Run(server.Description, SchemaOf(exchange)!.Value, exchange.Step.Response.Body, isRequest: false)
                .Select(breach => $"{exchange.Operation} -> {exchange.Status} {breach}"))
            .Distinct().ToList();
        output.WriteLine($"{checkedAnswers.Count} of {all.Count} answers checked");

        Assert.True(checkedAnswers.Count > all.Count / 2, $"{checkedAnswers.Count} of {all.Count}");
        Assert.True(breaches.Count == 0, string.Join('\n', breaches.Take(60)));
    }

    [Fact]
    public void Every_recorded_call_that_was_accepted_is_described()
    {
        var missing = from recording in RecordingCatalog.All
                      where !RecordingCatalog.Pending.Holds(recording)
                      from step in recording.Steps
                      where step.Response.Status.ValueKind == JsonValueKind.Number && step.Response.Status.GetInt32() < 300
                      where step.Request.Method is not ("HEAD" or "OPTIONS") && !NotDescribed.Contains(step.Request.Path)
                      where server.Description.Find(step.Request.Method, step.Request.Path) is null
                      select $"{step.Request.Method} {step.Request.Path} in {recording.FullName}";

        Assert.Empty(missing.Distinct());
    }

    private IEnumerable<string> RequestBreaches(Exchange exchange)
    {
        var (operation, request) = (exchange.Operation, exchange.Step.Request);
        if (operation.RequestSchema is { } schema && IsJson(request.Body))
        {
            foreach (var breach in SchemaCheck.Run(server.Description, schema, request.Body, isRequest: true))
                yield return $"{operation}{breach} ({exchange.Name})";
        }

        foreach (var parameter in operation.Parameters.Where(parameter => parameter.GetProperty("in").GetString() == "query"))
        {
            var name = parameter.GetProperty("name").GetString()!;
            var isRequired = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
            if (!request.Query.TryGetValue(name, out var value))
            {
                // A GET may also send its parameters as a body.
                if (isRequired && !(request.Body.ValueKind == JsonValueKind.Object && request.Body.TryGetProperty(name, out _)))
                    yield return $"{operation}: {name} is missing in the query ({exchange.Name})";
                continue;
            }

            var parameterSchema = server.Description.Resolve(parameter.GetProperty("schema"));
            if (!parameterSchema.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() is "array" or "boolean")
                continue;
            foreach (var breach in SchemaCheck.Run(server.Description, parameterSchema, value, isRequest: true))
                yield return $"{operation}?{name}{breach} ({exchange.Name})";
        }
    }

    private JsonElement? SchemaOf(Exchange exchange) =>
        IsJson(exchange.Step.Response.Body) ? exchange.Operation.ResponseSchema(exchange.Status, server.Description) : null;

    private IEnumerable<Exchange> Exchanges() =>
        from recording in RecordingCatalog.All
        where !RecordingCatalog.Pending.Holds(recording)
        from step in recording.Steps
        where step.Response.Status.ValueKind == JsonValueKind.Number
        let operation = server.Description.Find(step.Request.Method, step.Request.Path)
        where operation is not null
        select new Exchange(recording.FullName, step, operation, step.Response.Status.GetInt32());

    /// <summary>Raw bytes and "anything" are written as objects with one member that no field is called.</summary>
    private static bool IsJson(JsonElement body) =>
        body.ValueKind is JsonValueKind.Object or JsonValueKind.Array
        && !(body.ValueKind == JsonValueKind.Object && SchemaCheck.FirstName(body) is ['$', ..] name && name != "$partial");

    private sealed record Exchange(string Name, RecordedStep Step, ApiOperation Operation, int Status);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Evaluation;

/// <summary>The calls that the tests of this folder are made of.</summary>
internal static class EvaluationCalls
{
    private const string Root = "/api/3.0/mlflow/";

    public static Task<Answer> Get3Async(this ServerFixture server, string path) => server.GetAsync(Root + path);

    public static Task<Answer> Send3Async(this ServerFixture server, string method, string path, object? body = null) =>
        server.SendAsync(new HttpMethod(method), Root + path, body);

    /// <summary>Sends a call that has to succeed.</summary>
    public static async Task<JsonNode> Do3Async(this ServerFixture server, string method, string path, object? body = null)
    {
        var answer = await server.Send3Async(method, path, body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    public static async Task<string> NewDatasetAsync(this ServerFixture server, string? name = null, string? tags = null, params string[] experiments)
    {
        var body = new { name = name ?? TrackingCalls.UniqueName("d"), tags, experiment_ids = experiments };
        return (string)(await server.Do3Async("POST", "datasets/create", body))["dataset"]!["dataset_id"]!;
    }

    public static async Task<JsonNode> GetDatasetAsync(this ServerFixture server, string id) =>
        (await server.Do3Async("GET", $"datasets/{id}"))["dataset"]!;

    /// <summary>Adds records, given as JSON text; how many were new and how many were merged.</summary>
    public static async Task<(int Inserted, int Updated)> UpsertAsync(this ServerFixture server, string id, string records)
    {
        var answer = await server.Do3Async("POST", $"datasets/{id}/records", new { records });
        return ((int)answer["inserted_count"]!, (int)answer["updated_count"]!);
    }

    public static async Task<JsonArray> RecordsAsync(this ServerFixture server, string id) =>
        Embedded(await server.Do3Async("GET", $"datasets/{id}/records"), "records").AsArray();

    /// <summary>JSON that travels as text in a field.</summary>
    public static JsonNode Embedded(JsonNode body, string field) => JsonNode.Parse((string)body[field]!)!;

    public static string Text(object value) => JsonSerializer.Serialize(value);
}

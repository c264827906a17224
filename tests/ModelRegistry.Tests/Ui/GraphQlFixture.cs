using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>A server with shorthand for what the run page asks.</summary>
public sealed class GraphQlFixture : ServerFixture
{
    public async Task<string> CreateExperimentAsync() =>
        (string)(await OkAsync("experiments/create", new { name = Guid.NewGuid().ToString() }))["experiment_id"]!;

    public async Task<string> CreateRunAsync(string experimentId, string name = "run") =>
        (string)(await OkAsync("runs/create", new { experiment_id = experimentId, run_name = name, start_time = 7 }))["run"]!["info"]!["run_id"]!;

    public async Task<JsonNode> OkAsync(string path, object body)
    {
        var answer = await PostAsync(path, body);
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    /// <summary>Asks, and expects an answer in GraphQL's form.</summary>
    public async Task<Answer> AskAsync(string query, object? variables = null, string? operationName = null)
    {
        var answer = await PostAsync("/graphql", new { query, variables, operationName });
        Assert.True(answer.Status == 200, answer.Text);
        return answer;
    }

    /// <summary>The value of the only root field, without errors.</summary>
    public async Task<JsonNode> DataAsync(string query, object? variables = null)
    {
        var answer = await AskAsync(query, variables);
        Assert.True(answer.Json["errors"] is null, answer.Text);
        return answer.Json["data"]!.AsObject().Single().Value!;
    }

    /// <summary>Asks for something that cannot be answered at all.</summary>
    public async Task<string> RefusalAsync(string query, object? variables = null, string? operationName = null)
    {
        var answer = await AskAsync(query, variables, operationName);
        Assert.True(answer.Json["data"] is null, answer.Text);
        return (string)Assert.Single(answer.Json["errors"]!.AsArray())!;
    }
}

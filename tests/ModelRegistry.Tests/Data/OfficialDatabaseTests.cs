using System.Text;
using System.Text.Json;
using ModelRegistry.Tests.Recordings;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>A database made by MLflow's own server is served as it is.</summary>
[Trait("Database", "SQLite")]
public sealed class OfficialDatabaseTests(OfficialDatabase official) : IClassFixture<OfficialDatabase>
{
    public static TheoryData<int, string> Requests { get; } = AllRequests();

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Answers_as_the_server_that_made_it(int number, string request)
    {
        var exchange = OfficialDatabase.Exchanges[number];
        using var message = new HttpRequestMessage(new HttpMethod(exchange.Method), exchange.Path);
        if (exchange.Body is not null)
            message.Content = new StringContent(exchange.Body, Encoding.UTF8, "application/json");

        using var response = await official.Client.SendAsync(message);

        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == exchange.Status, $"{request}: {(int)response.StatusCode} {text}");
        var differences = new JsonMatcher(new Variables()).Match(exchange.Answer, JsonElement.Parse(text));
        Assert.True(differences.Count == 0, $"{request}\n{string.Join('\n', differences)}");
    }

    [Fact]
    public void Opening_it_changes_neither_rows_nor_schema()
    {
        Assert.Equal(OfficialDatabase.Schema(OfficialDatabase.OriginalPath), OfficialDatabase.Schema(official.CopyPath));
        Assert.Equal(OfficialDatabase.Rows(OfficialDatabase.OriginalPath), OfficialDatabase.Rows(official.CopyPath));
    }

    private static TheoryData<int, string> AllRequests()
    {
        var all = new TheoryData<int, string>();
        foreach (var (number, exchange) in OfficialDatabase.Exchanges.Index())
            all.Add(number, $"{exchange.Method} {Uri.UnescapeDataString(exchange.Path)} {exchange.Body}");
        return all;
    }
}

/// <summary>Work goes on in a database made by MLflow's own server.</summary>
[Trait("Database", "SQLite")]
public sealed class OfficialDatabaseWriteTests(OfficialDatabase official) : IClassFixture<OfficialDatabase>
{
    [Fact]
    public async Task Numbers_versions_on_from_its_highest()
    {
        var version = await PostAsync("model-versions/create", new { name = "prices", source = "s3://bucket/model" });

        Assert.Equal("8", version.GetProperty("model_version").GetProperty("version").GetString());
        var latest = await PostAsync("registered-models/get-latest-versions", new { name = "prices", stages = new[] { "None" } });
        Assert.Equal("8", latest.GetProperty("model_versions")[0].GetProperty("version").GetString());
    }

    [Fact]
    public async Task Numbers_experiments_on_and_logs_to_their_runs()
    {
        var experiment = await PostAsync("experiments/create", new { name = "continued" });
        var id = experiment.GetProperty("experiment_id").GetString();
        Assert.Equal("4", id);

        var created = await PostAsync("runs/create", new { experiment_id = id, start_time = 1 });
        var run = created.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString();
        await PostAsync("runs/log-metric", new { run_id = run, key = "loss", value = 0.5, timestamp = 1, step = 1 });
        var found = await PostAsync("runs/search", new { experiment_ids = new[] { id }, filter = "metrics.loss = 0.5" });

        Assert.Equal(run, Assert.Single(found.GetProperty("runs").EnumerateArray()).GetProperty("info").GetProperty("run_id").GetString());
    }

    private async Task<JsonElement> PostAsync(string call, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await official.Client.PostAsync(new Uri($"/api/2.0/mlflow/{call}", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}

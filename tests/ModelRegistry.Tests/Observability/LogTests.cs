using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Observability;

public sealed class LogTests
{
    [Theory]
    [InlineData("abc-123_4.5:6/7+8=9@x", true)]
    [InlineData("has space", false)]
    [InlineData("quote\"", false)]
    [InlineData("", false)]
    public async Task An_answer_has_the_id_that_the_client_has_sent_or_a_new_one(string sent, bool isTaken)
    {
        await using var server = await StartedServer.StartAsync(options => options);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/registered-models/get?name=none");
        request.Headers.TryAddWithoutValidation("X-Request-ID", sent);

        using var answer = await server.Client.SendAsync(request);

        var id = Assert.Single(answer.Headers.GetValues("X-Request-ID"));
        Assert.Equal(isTaken, id == sent);
        Assert.NotEmpty(id);
        Assert.Equal(404, (int)answer.StatusCode);
    }

    [Fact]
    public async Task An_id_that_is_too_long_for_a_log_is_not_taken()
    {
        await using var server = await StartedServer.StartAsync(options => options);
        server.Client.DefaultRequestHeaders.Add("X-Request-ID", new string('x', 129));

        using var answer = await server.Client.GetAsync(new Uri("/health", UriKind.Relative));

        Assert.NotEqual(129, Assert.Single(answer.Headers.GetValues("X-Request-ID")).Length);
    }

    [Fact]
    public async Task Slow_statements_are_logged_as_json_with_their_request_and_without_values()
    {
        await using var server = await ServerProcess.StartAsync(new ServerProcessOptions { Arguments = ["--log-format", "json", "--slow-query-ms", "1"] });
        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Add("X-Request-ID", "request-7");
        var tags = Enumerable.Range(0, 3000).Select(i => new { key = $"k{i}", value = "hidden-value" });

        using var answer = await client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/create", new { name = "hidden-name", tags });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await server.StopAsync();

        var lines = server.Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).ToList();
        var slow = lines.First(line => line["State"]?["StatementRequest"]?.ToString() == "request-7");
        Assert.Matches("^(INSERT|UPDATE|SELECT) ", slow["State"]!["Statement"]!.ToString());
        Assert.True((long)slow["State"]!["Milliseconds"]! >= 1);
        Assert.Contains(slow["Scopes"]!.AsArray(), scope => scope?["RequestId"]?.ToString() == "request-7");
        Assert.DoesNotContain("hidden", server.Output, StringComparison.Ordinal);
    }
}

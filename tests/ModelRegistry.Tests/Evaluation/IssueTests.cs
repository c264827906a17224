using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.Evaluation;

public sealed class IssueTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task An_issue_comes_back_as_it_was_made()
    {
        var experiment = await server.NewExperimentAsync();
        var run = await server.NewRunAsync(experiment);
        var made = await CreateAsync(new
        {
            experiment_id = experiment, name = "n", description = "d", status = "resolved", severity = "high", source_run_id = run, created_by = "al",
            root_causes = new[] { "one", "zwö" }, categories = new[] { "c" },
        });

        var issue = (await server.Do3Async("GET", $"issues/{(string)made["issue_id"]!}"))["issue"]!;

        Assert.Matches("^iss-[0-9a-f]{32}$", (string)issue["issue_id"]!);
        Assert.Equal(made.ToJsonString(), issue.ToJsonString());
        Assert.Equal(("resolved", "high", run, "al"), ((string)issue["status"]!, (string)issue["severity"]!, (string)issue["source_run_id"]!, (string)issue["created_by"]!));
        Assert.Equal(["one", "zwö"], issue["root_causes"]!.AsArray().Select(cause => (string)cause!));
        Assert.Equal(["c"], issue["categories"]!.AsArray().Select(category => (string)category!));
    }

    [Fact]
    public async Task What_is_not_said_is_left_out()
    {
        var issue = await NewAsync(await server.NewExperimentAsync());

        Assert.Equal("pending", (string)issue["status"]!);
        Assert.Equal(
            ["issue_id", "experiment_id", "name", "description", "status", "created_timestamp", "last_updated_timestamp"],
            issue.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task An_update_changes_what_it_names()
    {
        var made = await NewAsync(await server.NewExperimentAsync(), "low");
        var id = (string)made["issue_id"]!;

        var issue = (await server.Do3Async("PATCH", $"issues/{id}", new { issue_id = id, status = "rejected", name = "", description = "new" }))["issue"]!;

        Assert.Equal(("rejected", "n", "new", "low"), ((string)issue["status"]!, (string)issue["name"]!, (string)issue["description"]!, (string)issue["severity"]!));
        Assert.True((long)issue["last_updated_timestamp"]! >= (long)made["last_updated_timestamp"]!);
        Assert.Equal(issue.ToJsonString(), (await server.Do3Async("GET", $"issues/{id}"))["issue"]!.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "issues/iss-none", null, 404, "Issue with ID 'iss-none' not found")]
    [InlineData("PATCH", "issues/iss-none", """{"issue_id": "iss-none"}""", 404, "Issue with ID 'iss-none' not found")]
    [InlineData("PATCH", "issues/iss-none", "{}", 400, "Missing value for required parameter 'issue_id'. See the API docs for more information about request parameters.")]
    [InlineData("POST", "issues", """{"experiment_id": "99999", "name": "n", "description": "d"}""", 404, "No Experiment with id=99999 exists")]
    [InlineData("POST", "issues", """{"experiment_id": "0", "name": "n"}""", 400, "Missing value for required parameter 'description'. See the API docs for more information about request parameters.")]
    [InlineData("POST", "issues", """{"experiment_id": "0", "name": "n", "description": "d", "status": "new"}""", 400, "Invalid value 'new' for parameter 'status' supplied. Valid values are ['pending', 'rejected', 'resolved']")]
    [InlineData("POST", "issues", """{"experiment_id": "0", "name": "n", "description": "d", "severity": "x"}""", 400, "Invalid value 'x' for parameter 'severity' supplied. Valid values are ['not_an_issue', 'low', 'medium', 'high']")]
    [InlineData("POST", "issues/search", """{"filter_string": "name = 'a'"}""", 400, "Invalid filter field 'name'. Supported fields: {'source_run_id', 'status'}")]
    [InlineData("POST", "issues/search", """{"filter_string": "status LIKE 'a'"}""", 400, "Invalid comparator 'LIKE'. Supported comparators: {'!=', '='}")]
    [InlineData("POST", "issues/search", """{"max_results": 0}""", 400, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer")]
    public async Task Errors_say_what_is_wrong(string method, string path, string? body, int status, string message)
    {
        var answer = await server.Send3Async(method, path, body is null ? null : JsonNode.Parse(body));

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_run_that_is_not_there_cannot_have_found_anything()
    {
        var answer = await server.Send3Async("POST", "issues", new { experiment_id = "0", name = "n", description = "d", source_run_id = "nosuch" });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task The_worst_come_first_and_the_newest_of_those()
    {
        var experiment = await server.NewExperimentAsync();
        foreach (var severity in new[] { "low", null, "high", "not_an_issue", "medium", "high" })
        {
            await NewAsync(experiment, severity);
            await Task.Delay(2);
        }

        var found = (await SearchAsync(new { experiment_id = experiment }))["issues"]!.AsArray();

        Assert.Equal(["high", "high", "medium", "low", "not_an_issue", null], found.Select(issue => (string?)issue!["severity"]));
        Assert.True((long)found[0]!["created_timestamp"]! > (long)found[1]!["created_timestamp"]!);
    }

    [Fact]
    public async Task Pages_follow_each_other_and_the_last_has_an_empty_token()
    {
        var experiment = await server.NewExperimentAsync();
        for (var count = 0; count < 3; count++)
            await NewAsync(experiment);

        var first = await SearchAsync(new { experiment_id = experiment, max_results = 2 });
        var second = await SearchAsync(new { experiment_id = experiment, max_results = 2, page_token = (string)first["next_page_token"]! });

        Assert.Equal((2, 1), (first["issues"]!.AsArray().Count, second["issues"]!.AsArray().Count));
        Assert.Equal("", (string)second["next_page_token"]!);
    }

    [Theory]
    [InlineData("status = 'resolved'", 1)]
    [InlineData("status != 'resolved'", 1)]
    [InlineData("status = \"resolved\" AND source_run_id != 'x'", 0)]
    [InlineData("source_run_id = 'none'", 0)]
    public async Task Filters_find(string filter, int count)
    {
        var experiment = await server.NewExperimentAsync();
        await NewAsync(experiment);
        await CreateAsync(new { experiment_id = experiment, name = "n", description = "d", status = "resolved" });

        var found = await SearchAsync(new { experiment_id = experiment, filter_string = filter });

        Assert.Equal(count, found["issues"]?.AsArray().Count ?? 0);
    }

    [Fact]
    public async Task Traces_are_counted_where_asked_for()
    {
        var experiment = await server.NewExperimentAsync();
        await NewAsync(experiment);

        var counted = await SearchAsync(new { experiment_id = experiment, include_trace_count = true });
        var plain = await SearchAsync(new { experiment_id = experiment });

        Assert.Equal(0, (int)counted["issues"]![0]!["trace_count"]!);
        Assert.Null(plain["issues"]![0]!["trace_count"]);
    }

    private Task<JsonNode> SearchAsync(object body) => server.Do3Async("POST", "issues/search", body);

    private async Task<JsonNode> CreateAsync(object body) => (await server.Do3Async("POST", "issues", body))["issue"]!;

    private Task<JsonNode> NewAsync(string experiment, string? severity = null) =>
        CreateAsync(new { experiment_id = experiment, name = "n", description = "d", severity });
}

using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Workspaces.WorkspaceFixture;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>The calls on workspaces themselves, and how a request chooses one.</summary>
public sealed class WorkspaceCallTests(WorkspaceFixture server) : IClassFixture<WorkspaceFixture>
{
    private const string PatternHint = "must match the pattern ^(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$ (lowercase alphanumeric with optional internal hyphens).";

    [Fact]
    public async Task The_default_workspace_is_there_from_the_start()
    {
        const string expected = """{"workspace":{"name":"default","description":"Default workspace for legacy resources"}}""";

        Assert.Equal((200, expected), Of(await server.InAsync(null, "GET", $"{Route}/default")));
    }

    [Fact]
    public async Task Server_info_says_that_there_are_workspaces_whatever_the_header()
    {
        const string expected = """{"store_type":"SqlStore","workspaces_enabled":true}""";

        Assert.Equal((200, expected), Of(await server.InAsync("nobody", "GET", "/api/3.0/mlflow/server-info")));
    }

    [Fact]
    public async Task A_workspace_is_created_read_listed_and_changed()
    {
        var name = server.NewName();
        var created = await server.InAsync(
            null, "POST", Route, $$"""{"name": "{{name}}", "description": "d", "default_artifact_root": " s3://bucket/x "}""");
        var full = $$$"""{"workspace":{"name":"{{{name}}}","description":"d","default_artifact_root":"s3://bucket/x"}}""";

        Assert.Equal((201, full), Of(created));
        Assert.Equal((200, full), Of(await server.InAsync(name, "GET", $"/ajax-api/3.0/mlflow/workspaces/{name}")));
        var changed = await server.InAsync(null, "PATCH", $"{Route}/{name}", """{"default_artifact_root": ""}""");
        Assert.Equal((200, $$$"""{"workspace":{"name":"{{{name}}}","description":"d"}}"""), Of(changed));
        changed = await server.InAsync(null, "PATCH", $"{Route}/{name}", """{"description": ""}""");
        Assert.Equal((200, $$$"""{"workspace":{"name":"{{{name}}}","description":""}}"""), Of(changed));
        var names = (await server.DoInAsync(null, "GET", Route))["workspaces"]!.AsArray().Select(one => (string)one!["name"]!).ToList();
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Contains(name, names);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var name = await server.NewWorkspaceAsync();

        var again = await server.InAsync(null, "POST", Route, $$"""{"name": "{{name}}"}""");

        Assert.Equal((400, "RESOURCE_ALREADY_EXISTS", $"Workspace '{name}' already exists."), (again.Status, again.ErrorCode, again.Message));
    }

    [Theory]
    [InlineData("default", "The 'default' workspace is reserved and cannot be created")]
    [InlineData("a", "Workspace name 'a' must be between 2 and 63 characters.")]
    [InlineData("Team", "Workspace name 'Team' " + PatternHint)]
    [InlineData("a--b", "Workspace name 'a--b' " + PatternHint)]
    [InlineData("-ab", "Workspace name '-ab' " + PatternHint)]
    [InlineData("ab\\n", "Workspace name 'ab\n' " + PatternHint)]
    [InlineData("api", "Workspace name 'api' is reserved and cannot be used.")]
    [InlineData("", "Missing value for required parameter 'name'. See the API docs for more information about request parameters.")]
    public async Task A_bad_name_is_refused(string name, string message) => await RefusedAsync($$"""{"name": "{{name}}"}""", message);

    [Theory]
    [InlineData("s3://b/x#frag", "'default_artifact_root' URL can't include fragments or params.")]
    [InlineData("runs:/x", "Artifact location cannot be a runs:/ URI. Given: 'runs:/x'")]
    [InlineData("s3://b/x?a=..", "Invalid query string")]
    public async Task A_bad_artifact_root_is_refused(string root, string message) =>
        await RefusedAsync($$"""{"name": "with-root", "default_artifact_root": "{{root}}"}""", message);

    [Theory]
    [InlineData("GET", "nobody", null, 404, "Workspace 'nobody' not found")]
    [InlineData("GET", "No", null, 400, "Workspace name 'No' " + PatternHint)]
    [InlineData("PATCH", "nobody", """{"description": "x"}""", 404, "Workspace 'nobody' not found")]
    [InlineData("PATCH", "nobody", "{}", 400, "Workspace update must have at least one key")]
    [InlineData("DELETE", "nobody", null, 404, "Workspace 'nobody' not found")]
    [InlineData("DELETE", "default", null, 400, "The 'default' workspace is reserved and cannot be deleted")]
    [InlineData("DELETE", "nobody?mode=BAD", null, 400, "Invalid deletion mode 'BAD'. Must be one of: SET_DEFAULT, CASCADE, RESTRICT")]
    public async Task What_is_not_there_or_not_allowed_is_refused(string method, string name, string? body, int status, string message)
    {
        var answer = await server.InAsync(null, method, $"{Route}/{name}", body);

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/version")]
    [InlineData("/no/such/page")]
    [InlineData(Route)]
    [InlineData("/api/2.0/mlflow/experiments/search?max_results=1")]
    public async Task A_request_in_an_unknown_workspace_is_refused_wherever_it_goes(string path)
    {
        const string expected =
            """{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"Workspace 'nobody' not found","sqlstate":"KAM00","error_class":"RESOURCE_NOT_FOUND"}""";

        Assert.Equal((404, expected), Of(await server.InAsync("nobody", "GET", path)));
        Assert.Equal(400, (await server.InAsync("No Body", "GET", path)).Status);
    }

    [Fact]
    public async Task A_blank_header_means_the_default_workspace_and_blanks_around_a_name_are_nothing()
    {
        var (name, experiment) = (await server.NewWorkspaceAsync(), TrackingCalls.UniqueName());
        var id = await server.NewExperimentAsync($" {name} ", experiment);
        var ofDefault = await server.NewExperimentAsync("  ", experiment);

        Assert.Equal(200, (await server.InAsync(name, "GET", $"experiments/get?experiment_id={id}")).Status);
        Assert.Equal(200, (await server.InAsync("default", "GET", $"experiments/get?experiment_id={ofDefault}")).Status);
    }

    [Fact]
    public async Task Experiments_of_a_workspace_are_below_its_own_root_or_its_folder()
    {
        var (own, plain) = (await server.NewWorkspaceAsync("s3://bucket/own"), await server.NewWorkspaceAsync());

        foreach (var (workspace, root) in (IEnumerable<(string?, string)>)
            [(own, "s3://bucket/own"), (plain, $"mlflow-artifacts:/workspaces/{plain}"), (null, "mlflow-artifacts:/workspaces/default")])
        {
            var id = await server.NewExperimentAsync(workspace, TrackingCalls.UniqueName());
            var read = await server.DoInAsync(workspace, "GET", $"experiments/get?experiment_id={id}");
            Assert.Equal($"{root}/{id}", (string?)read["experiment"]!["artifact_location"]);
        }

        var first = await server.DoInAsync(null, "GET", "experiments/get?experiment_id=0");
        Assert.Equal("mlflow-artifacts:/workspaces/default/0", (string?)first["experiment"]!["artifact_location"]);
    }

    [Fact]
    public async Task Experiments_cannot_choose_their_location()
    {
        var answer = await server.InAsync(null, "POST", "experiments/create", """{"name": "elsewhere", "artifact_location": "s3://b/x"}""");

        Assert.Equal((400, "artifact_location cannot be specified when workspaces are enabled"), (answer.Status, answer.Message));
    }

    private async Task RefusedAsync(string body, string message)
    {
        var answer = await server.InAsync(null, "POST", Route, body);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
    }

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Text);
}

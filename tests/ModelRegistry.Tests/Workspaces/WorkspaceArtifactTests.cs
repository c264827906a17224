using Xunit;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>Each workspace has a folder of the artifact destination.</summary>
public sealed class WorkspaceArtifactTests(WorkspaceFixture server) : IClassFixture<WorkspaceFixture>
{
    private const string Files = "/api/2.0/mlflow-artifacts/artifacts";

    [Fact]
    public async Task A_plain_path_is_below_the_folder_of_the_workspace()
    {
        var (a, b) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        await server.DoInAsync(a, "PUT", $"{Files}/dir/f.txt", "of a");
        await server.DoInAsync(b, "PUT", $"{Files}/dir/f.txt", "of b");
        await server.DoInAsync(null, "PUT", $"{Files}/dir/f.txt", "of all");

        Assert.Equal("of a", (await server.InAsync(a, "GET", $"{Files}/dir/f.txt")).Text);
        Assert.Equal("of b", (await server.InAsync(b, "GET", $"{Files}/workspaces/{b}/dir/f.txt")).Text);
        Assert.Equal("of all", (await server.InAsync(null, "GET", $"{Files}/dir/f.txt")).Text);
        Assert.Equal("of a", await File.ReadAllTextAsync(Path.Combine(server.Home, "artifacts", "workspaces", a, "dir", "f.txt")));
        var listed = await server.DoInAsync(a, "GET", Files);
        Assert.Equal(["dir"], listed["files"]!.AsArray().Select(file => (string)file!["path"]!));

        await server.DoInAsync(b, "DELETE", $"{Files}/dir");
        Assert.Equal(200, (await server.InAsync(a, "GET", $"{Files}/dir/f.txt")).Status);
    }

    [Theory]
    [InlineData("GET", "/workspaces/{0}/f.txt")]
    [InlineData("PUT", "/workspaces/{0}/f.txt")]
    [InlineData("DELETE", "/workspaces/{0}/f.txt")]
    [InlineData("DELETE", "/workspaces/{0}")]
    [InlineData("GET", "/./workspaces/{0}/f.txt")]
    [InlineData("GET", "/workspaces/./{0}/f.txt")]
    [InlineData("GET", "/%77orkspaces/{0}/f.txt")]
    [InlineData("GET", "?path=workspaces/{0}")]
    [InlineData("GET", "?path=./workspaces/{0}")]
    public async Task The_folder_of_another_workspace_is_closed(string method, string path)
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        await server.DoInAsync(home, "PUT", $"{Files}/f.txt", "secret");

        foreach (var workspace in (string?[])[other, null])
        {
            var answer = await server.InAsync(
                workspace, method, Files + string.Format(System.Globalization.CultureInfo.InvariantCulture, path, home), method == "PUT" ? "mine" : null);
            Assert.Equal(
                (400, $"Artifact path targets workspace '{home}' but the workspace specified in the request is '{workspace ?? "default"}'."),
                (answer.Status, answer.Message));
        }

        Assert.Equal("secret", (await server.InAsync(home, "GET", $"{Files}/f.txt")).Text);
    }

    [Theory]
    [InlineData("GET", "/workspaces")]
    [InlineData("DELETE", "/workspaces")]
    [InlineData("GET", "?path=workspaces")]
    public async Task The_folder_of_all_of_them_is_closed(string method, string path)
    {
        foreach (var workspace in (string?[])[await server.NewWorkspaceAsync(), null])
        {
            var answer = await server.InAsync(workspace, method, Files + path);
            Assert.Equal((400, "Artifact paths prefixed with 'workspaces/' must include a workspace name."), (answer.Status, answer.Message));
        }
    }

    [Fact]
    public async Task Artifacts_of_a_run_are_written_through_the_proxy_and_read_through_the_run()
    {
        var workspace = await server.NewWorkspaceAsync();
        var run = await server.NewRunAsync(workspace, await server.NewExperimentAsync(workspace));
        var path = ((string)run["artifact_uri"]!)["mlflow-artifacts:".Length..];
        await server.DoInAsync(workspace, "PUT", $"{Files}{path}/f.txt", "text");
        await server.InAsync(workspace, "POST", $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run["run_id"]}&path=g.txt", "more");

        var listed = await server.DoInAsync(workspace, "GET", $"artifacts/list?run_id={run["run_id"]}");

        Assert.Equal(["f.txt", "g.txt"], listed["files"]!.AsArray().Select(file => (string)file!["path"]!).Order());
        Assert.Equal("text", (await server.InAsync(workspace, "GET", $"/get-artifact?run_id={run["run_id"]}&path=f.txt")).Text);
    }

    [Fact]
    public async Task A_version_cannot_lend_the_files_of_another_workspace()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        await server.DoInAsync(home, "PUT", $"{Files}/f.txt", "secret");
        await server.DoInAsync(other, "POST", "registered-models/create", """{"name": "m"}""");
        await server.DoInAsync(other, "POST", "model-versions/create", $$"""{"name": "m", "source": "mlflow-artifacts:/workspaces/{{home}}"}""");

        var answer = await server.InAsync(other, "GET", "/model-versions/get-artifact?name=m&version=1&path=f.txt");

        Assert.Equal(
            (400, $"Artifact path targets workspace '{home}' but the workspace specified in the request is '{other}'."), (answer.Status, answer.Message));
    }
}

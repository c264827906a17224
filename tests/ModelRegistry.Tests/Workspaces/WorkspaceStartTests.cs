using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>Switching workspaces on and off.</summary>
public sealed class WorkspaceStartTests
{
    [Theory]
    [InlineData("serve", null, false)]
    [InlineData("serve", "true", true)]
    [InlineData("serve", "false", false)]
    [InlineData("serve --enable-workspaces", null, true)]
    [InlineData("serve --enable-workspaces", "false", true)]
    [InlineData("serve --disable-workspaces", "true", false)]
    public void They_are_off_unless_a_flag_or_the_variable_says_otherwise(string arguments, string? variable, bool expected)
    {
        var command = CommandLine.Parse(arguments.Split(' '), name => name == "MLFLOW_ENABLE_WORKSPACES" ? variable : null);

        Assert.Equal(expected, Assert.IsType<Invocation.Serve>(command).Options.EnableWorkspaces);
    }

    [Theory]
    [InlineData("s3://bucket/workspaces")]
    [InlineData("s3://bucket/workspaces/")]
    [InlineData("s3://bucket/workspaces/team")]
    [InlineData("./workspaces/team")]
    public void An_artifact_root_within_the_folders_of_workspaces_stops_the_start(string root)
    {
        var refusal = Assert.Throws<StartupException>(() => WorkspaceMode.Check(new ServerOptions { EnableWorkspaces = true, DefaultArtifactRoot = root }));

        Assert.Contains(root, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Artifacts_alone_have_no_workspaces()
    {
        var refusal = Assert.Throws<StartupException>(() => WorkspaceMode.Check(new ServerOptions { EnableWorkspaces = true, ArtifactsOnly = true }));

        Assert.Equal("--enable-workspaces cannot be combined with --artifacts-only.", refusal.Message);
    }

    [Fact]
    public void Without_workspaces_any_root_goes() =>
        WorkspaceMode.Check(new ServerOptions { DefaultArtifactRoot = "s3://bucket/workspaces" });

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task A_registry_of_its_own_is_emptied_with_the_workspace()
    {
        await using var server = await StartedServer.StartAsync(
            (options, home) => options with { EnableWorkspaces = true, RegistryStoreUri = $"sqlite:///{home}/registry.db" });
        const string workspace = "/api/3.0/mlflow/workspaces/team";
        await server.PostAsync("/api/3.0/mlflow/workspaces", """{"name": "team"}""");
        server.Client.DefaultRequestHeaders.Add("X-MLFLOW-WORKSPACE", "team");
        Assert.Equal(200, await server.PostAsync("/api/2.0/mlflow/registered-models/create", """{"name": "m"}"""));
        Assert.Equal(200, await server.PostAsync("/api/2.0/mlflow/experiments/create", """{"name": "e"}"""));
        server.Client.DefaultRequestHeaders.Clear();

        using var refused = await server.Client.DeleteAsync(new Uri(workspace, UriKind.Relative));
        using var deleted = await server.Client.DeleteAsync(new Uri(workspace + "?mode=CASCADE", UriKind.Relative));

        Assert.Equal((500, 204), ((int)refused.StatusCode, (int)deleted.StatusCode));
        Assert.Equal((0, 1, 1), (server.Count("registry.db", "registered_models"), server.Count("mlflow.db", "experiments"), server.Count("mlflow.db", "workspaces")));
    }
}

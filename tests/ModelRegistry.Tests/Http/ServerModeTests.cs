using System.Net;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Http;

/// <summary>Servers that were started differently.</summary>
public sealed class ServerModeTests
{
    [Fact]
    public async Task Without_the_proxy_its_routes_say_so()
    {
        await using var server = await StartedServer.StartAsync(options => options with { ServeArtifacts = false });

        var (status, text) = await server.GetAsync("/api/2.0/mlflow-artifacts/artifacts/a/b");

        Assert.Equal(
            "Endpoint: /api/2.0/mlflow-artifacts/artifacts/<path:artifact_path> disabled due to the mlflow server running with `--no-serve-artifacts`. "
            + "To enable artifacts server functionality, run `mlflow server` with `--serve-artifacts`", text);
        Assert.Equal(503, status);
        Assert.Equal(200, (await server.GetAsync("/api/2.0/mlflow/experiments/get?experiment_id=0")).Status);
    }

    [Fact]
    public async Task An_artifacts_only_server_refuses_the_rest_and_has_no_database()
    {
        await using var server = await StartedServer.StartAsync(options => options with { ArtifactsOnly = true });

        var (status, text) = await server.GetAsync("/ajax-api/2.0/mlflow/experiments/get?experiment_id=0");

        Assert.Equal(
            "Endpoint: /ajax-api/2.0/mlflow/experiments/get disabled due to the mlflow server running in `--artifacts-only` mode. "
            + "To enable tracking server functionality, run `mlflow server` without `--artifacts-only`", text);
        Assert.Equal(503, status);
        Assert.Equal(200, (await server.GetAsync("/api/2.0/mlflow-artifacts/artifacts")).Status);
        Assert.Equal(200, (await server.GetAsync("/api/3.0/mlflow/server-info")).Status);
        Assert.False(File.Exists(Path.Combine(server.Home, "mlflow.db")));
    }

    [Fact]
    public async Task Below_a_prefix_everything_moves_and_the_probes_stay_as_well()
    {
        await using var server = await StartedServer.StartAsync(options => options with { StaticPrefix = "/ml/flow" });

        Assert.Equal((200, "OK"), await server.GetAsync("/ml/flow/health"));
        Assert.Equal((200, "OK"), await server.GetAsync("/health"));
        Assert.Equal((200, ProductInfo.MlflowVersion), await server.GetAsync("/version"));
        Assert.Equal(200, (await server.GetAsync("/ml/flow/")).Status);
        Assert.Equal(200, (await server.GetAsync("/ml/flow/api/3.0/mlflow/server-info")).Status);
        Assert.Equal(404, (await server.GetAsync("/api/3.0/mlflow/server-info")).Status);
    }

    [Fact]
    public async Task Without_the_security_layers_any_host_is_answered_and_no_header_added()
    {
        await using var server = await StartedServer.StartAsync(options => options with { DisableSecurityMiddleware = true });
        server.Client.DefaultRequestHeaders.Host = "evil.example";

        using var answer = await server.Client.GetAsync(new Uri("/api/3.0/mlflow/server-info", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("X-Frame-Options"));
    }

    [Fact]
    [Trait("Database", "SQLite")]
    public async Task A_registry_of_its_own_is_kept_in_its_own_database()
    {
        await using var server = await StartedServer.StartAsync(
            (options, home) => options with { RegistryStoreUri = $"sqlite:///{Path.Combine(home, "registry.db")}" });

        Assert.Equal(200, await server.PostAsync("/api/2.0/mlflow/registered-models/create", """{"name": "m"}"""));
        Assert.Equal(200, await server.PostAsync("/api/2.0/mlflow/experiments/create", """{"name": "e"}"""));

        Assert.Equal((0, 1), (server.Count("mlflow.db", "registered_models"), server.Count("registry.db", "registered_models")));
        Assert.Equal((2, 0), (server.Count("mlflow.db", "experiments"), server.Count("registry.db", "experiments")));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        await using var server = await StartedServer.StartAsync(options => options with { MaxRequestBytes = 1000 });

        Assert.Equal(413, await server.PostAsync("/api/2.0/mlflow/registered-models/create", $$"""{"name": "{{new string('x', 2000)}}"}"""));
    }
}

using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Tests.Registry;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Audit;

/// <summary>What changes of experiments, runs, logged models and webhooks leave behind.</summary>
public sealed class OtherAuditTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task An_experiment_has_a_chain_from_its_creation_to_its_return()
    {
        var id = await CreateExperimentAsync();
        foreach (var (path, body) in new (string, object)[]
        {
            ("experiments/update", new { experiment_id = id, new_name = $"{id} renamed" }),
            ("experiments/set-experiment-tag", new { experiment_id = id, key = "t", value = "v" }),
            ("experiments/delete-experiment-tag", new { experiment_id = id, key = "t" }),
            ("experiments/delete", new { experiment_id = id }),
            ("experiments/restore", new { experiment_id = id }),
        })
        {
            Ok(await server.PostAsync(path, body));
        }

        var chain = await ChainAsync($"experiment/default/{id}");

        Assert.Equal(
            ["experiment.create", "experiment.rename", "experiment_tag.set", "experiment_tag.delete", "experiment.delete", "experiment.restore"],
            chain.Select(entry => entry.Action));
        Assert.Equal($$"""{"name":"{{id}} renamed"}""", chain[1].AfterJson);
        Assert.Equal("""{"tag:t":"v"}""", chain[3].BeforeJson);
        Assert.All(chain, entry => Assert.Equal(entry.ComputeHash(), entry.Hash));
    }

    /// <summary>Of an experiment that was collected as garbage the log remains, and the database gives its number again.</summary>
    [Fact]
    public async Task An_experiment_with_the_number_of_one_that_is_gone_goes_on_with_its_chain()
    {
        var before = await CreateExperimentAsync();
        var next = $"{long.Parse(before, CultureInfo.InvariantCulture) + 1}";
        var columns = AuditEntry.Columns.Replace("chain, ", "", StringComparison.Ordinal);
        await server.ExecuteAsync(
            $"INSERT INTO mr_audit (chain, {columns}) SELECT 'experiment/default/{next}', {columns} FROM mr_audit WHERE chain = 'experiment/default/{before}'");

        var id = await CreateExperimentAsync();

        var chain = await ChainAsync($"experiment/default/{id}");
        Assert.Equal(next, id);
        Assert.Equal([1, 2], chain.Select(entry => entry.Position));
        Assert.Equal(chain[0].Hash, chain[1].PreviousHash);
    }

    [Fact]
    public async Task A_run_has_a_chain_and_its_points_are_not_in_it()
    {
        var run = (string)Ok(await server.PostAsync("runs/create", new { experiment_id = await CreateExperimentAsync(), start_time = 1 }))["run"]!["info"]!["run_id"]!;
        Ok(await server.PostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1.0, timestamp = 1 }));
        Ok(await server.PostAsync("runs/set-tag", new { run_id = run, key = "k", value = "v" }));
        Ok(await server.PostAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = 2 }));
        Ok(await server.PostAsync("runs/delete", new { run_id = run }));
        Ok(await server.PostAsync("runs/restore", new { run_id = run }));

        var chain = await ChainAsync($"run/default/{run}");

        Assert.Equal(["run.create", "run.update", "run.delete", "run.restore"], chain.Select(entry => entry.Action));
        Assert.Equal(("""{"status":"RUNNING"}""", """{"status":"FINISHED"}"""), (chain[1].BeforeJson, chain[1].AfterJson));
        Assert.Equal([1, 2, 3, 4], chain.Select(entry => entry.Position));
    }

    [Fact]
    public async Task A_logged_model_has_a_chain()
    {
        var model = (string)Ok(await server.PostAsync("logged-models", new { experiment_id = await CreateExperimentAsync() }))["model"]!["info"]!["model_id"]!;
        Ok(await server.SendAsync(HttpMethod.Patch, $"logged-models/{model}", new { model_id = model, status = "LOGGED_MODEL_READY" }));
        Ok(await server.SendAsync(HttpMethod.Delete, $"logged-models/{model}"));

        var chain = await ChainAsync($"logged_model/default/{model}");

        Assert.Equal(["logged_model.create", "logged_model.update", "logged_model.delete"], chain.Select(entry => entry.Action));
    }

    [Fact]
    public async Task Deleted_traces_are_counted_in_the_chain_of_their_experiment()
    {
        var id = await CreateExperimentAsync();
        var location = new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = id } };
        Ok(await server.PostAsync("/api/3.0/mlflow/traces", new
        {
            trace = new { trace_info = new { trace_id = $"tr-{id}", trace_location = location, request_time = "2026-01-01T00:00:00Z", state = "OK" } },
        }));
        Ok(await server.PostAsync("traces/delete-traces", new { experiment_id = id, request_ids = new[] { $"tr-{id}" } }));
        Ok(await server.PostAsync("traces/delete-traces", new { experiment_id = id, request_ids = new[] { $"tr-{id}" } }));

        var chain = await ChainAsync($"experiment/default/{id}");

        Assert.Equal(["experiment.create", "trace.delete"], chain.Select(entry => entry.Action));
        Assert.Equal("""{"traces":"1"}""", chain[1].BeforeJson);
    }

    [Fact]
    public async Task A_webhook_keeps_its_secret_and_its_path()
    {
        var events = new[] { new { entity = "REGISTERED_MODEL", action = "CREATED" } };
        var webhook = (string)Ok(await server.PostAsync(
            "webhooks", new { name = "w", url = "https://1.1.1.1/hidden-path", events, secret = "hidden-secret", status = "DISABLED" }))["webhook"]!["webhook_id"]!;
        Ok(await server.SendAsync(HttpMethod.Patch, $"webhooks/{webhook}", new { secret = "hidden-again", url = "https://1.1.1.1/hidden-too", status = "DISABLED" }));
        Ok(await server.SendAsync(HttpMethod.Delete, $"webhooks/{webhook}"));

        var chain = await ChainAsync($"webhook/default/{webhook}");

        Assert.Equal(["webhook.create", "webhook.update", "webhook.delete"], chain.Select(entry => entry.Action));
        Assert.All(chain, entry => Assert.DoesNotContain("hidden", $"{entry.BeforeJson}{entry.AfterJson}", StringComparison.Ordinal));
        Assert.Contains("\"secret\":\"set\"", chain[1].AfterJson, StringComparison.Ordinal);
        Assert.Equal(0L, Convert.ToInt64(
            await server.ExecuteAsync("SELECT COUNT(*) FROM mr_history WHERE new_value LIKE '%hidden%'"), CultureInfo.InvariantCulture));
    }

    private async Task<string> CreateExperimentAsync() =>
        (string)Ok(await server.PostAsync("experiments/create", new { name = Guid.NewGuid().ToString() }))["experiment_id"]!;

    private Task<List<AuditEntry>> ChainAsync(string chain) => server.App.Services.GetRequiredService<Databases>().Tracking.ReadAsync(
        scope => scope.QueryAsync<AuditEntry>($"SELECT {AuditEntry.Columns} FROM mr_audit WHERE chain = @chain ORDER BY position", new { chain }),
        CancellationToken.None);
}

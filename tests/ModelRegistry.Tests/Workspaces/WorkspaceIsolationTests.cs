using System.Globalization;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>What is in one workspace is not there for the others, call by call.</summary>
public sealed class WorkspaceIsolationTests(WorkspaceFixture server) : IClassFixture<WorkspaceFixture>
{
    [Fact]
    public async Task Names_of_experiments_and_models_are_free_in_each_workspace()
    {
        var (a, b) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        foreach (var workspace in (string?[])[a, b, null])
        {
            await server.NewExperimentAsync(workspace, "same");
            await server.DoInAsync(workspace, "POST", "registered-models/create", """{"name": "same"}""");
            var version = await server.DoInAsync(workspace, "POST", "model-versions/create", """{"name": "same", "source": "s3://b/m"}""");
            Assert.Equal("1", (string?)version["model_version"]!["version"]);
        }

        await server.DoInAsync(b, "DELETE", "registered-models/delete", """{"name": "same"}""");

        await server.DoInAsync(a, "GET", "model-versions/get?name=same&version=1");
        Assert.Equal(404, (await server.InAsync(b, "GET", "registered-models/get?name=same")).Status);
        Assert.Equal(400, (await server.InAsync(a, "POST", "experiments/create", """{"name": "same"}""")).Status);
    }

    [Fact]
    public async Task Experiments_and_runs_cannot_be_reached_from_elsewhere()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        var run = (string)(await server.NewRunAsync(home, experiment))["run_id"]!;
        await server.DoInAsync(home, "POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": 1}""");
        (string Method, string Path, string? Body)[] calls =
        [
            ("GET", $"experiments/get?experiment_id={experiment}", null),
            ("GET", "experiments/get-by-name?experiment_name=e", null),
            ("POST", "experiments/update", $$"""{"experiment_id": "{{experiment}}", "new_name": "stolen"}"""),
            ("POST", "experiments/set-experiment-tag", $$"""{"experiment_id": "{{experiment}}", "key": "k", "value": "v"}"""),
            ("POST", "experiments/delete-experiment-tag", $$"""{"experiment_id": "{{experiment}}", "key": "k"}"""),
            ("POST", "experiments/delete", $$"""{"experiment_id": "{{experiment}}"}"""),
            ("POST", "experiments/restore", $$"""{"experiment_id": "{{experiment}}"}"""),
            ("POST", "runs/create", $$"""{"experiment_id": "{{experiment}}"}"""),
            ("GET", $"runs/get?run_id={run}", null),
            ("POST", "runs/update", $$"""{"run_id": "{{run}}", "status": "FAILED"}"""),
            ("POST", "runs/delete", $$"""{"run_id": "{{run}}"}"""),
            ("POST", "runs/restore", $$"""{"run_id": "{{run}}"}"""),
            ("POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "x", "value": 1, "timestamp": 1}"""),
            ("POST", "runs/log-parameter", $$"""{"run_id": "{{run}}", "key": "x", "value": "1"}"""),
            ("POST", "runs/set-tag", $$"""{"run_id": "{{run}}", "key": "x", "value": "1"}"""),
            ("POST", "runs/delete-tag", $$"""{"run_id": "{{run}}", "key": "mlflow.runName"}"""),
            ("POST", "runs/log-batch", $$"""{"run_id": "{{run}}", "params": [{"key": "x", "value": "1"}]}"""),
            ("POST", "runs/log-inputs", $$$"""{"run_id": "{{{run}}}", "datasets": [{"dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "x"}}]}"""),
            ("POST", "runs/outputs", $$"""{"run_id": "{{run}}", "models": [{"model_id": "m-1", "step": 1}]}"""),
            ("GET", $"artifacts/list?run_id={run}", null),
            ("GET", $"/get-artifact?run_id={run}&path=f", null),
            ("POST", $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=f", "bytes"),
            ("POST", "logged-models", $$"""{"experiment_id": "{{experiment}}", "name": "lm"}"""),
        ];
        var before = (await server.DoInAsync(home, "GET", $"runs/get?run_id={run}")).ToJsonString();

        await NotFoundAsync(other, calls);

        Assert.Equal(before, (await server.DoInAsync(home, "GET", $"runs/get?run_id={run}")).ToJsonString());
        Assert.Equal("e", (string?)(await server.DoInAsync(home, "GET", $"experiments/get?experiment_id={experiment}"))["experiment"]!["name"]);
    }

    [Fact]
    public async Task Searches_and_histories_find_nothing_of_elsewhere()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        var run = (string)(await server.NewRunAsync(home, experiment))["run_id"]!;
        await server.DoInAsync(home, "POST", "runs/log-metric", $$"""{"run_id": "{{run}}", "key": "m", "value": 1, "timestamp": 1}""");
        await server.DoInAsync(
            home, "POST", "runs/log-inputs",
            $$$"""{"run_id": "{{{run}}}", "datasets": [{"dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "x"}}]}""");
        await server.DoInAsync(home, "POST", "logged-models", $$"""{"experiment_id": "{{experiment}}", "name": "lm"}""");
        await server.DoInAsync(home, "POST", "registered-models/create", """{"name": "m"}""");
        await server.DoInAsync(home, "POST", "model-versions/create", $$"""{"name": "m", "source": "s3://b/m", "run_id": "{{run}}"}""");
        (string Method, string Path, string? Body, string List)[] calls =
        [
            ("GET", "experiments/search?max_results=10", null, "experiments"),
            ("GET", "experiments/list", null, "experiments"),
            ("POST", "runs/search", $$"""{"experiment_ids": ["{{experiment}}"]}""", "runs"),
            ("POST", "logged-models/search", $$"""{"experiment_ids": ["{{experiment}}"]}""", "models"),
            ("GET", $"metrics/get-history?run_id={run}&metric_key=m&max_results=5", null, "metrics"),
            ("GET", $"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={run}&metric_key=m", null, "metrics"),
            ("GET", $"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=m", null, "metrics"),
            ("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", $$"""{"experiment_ids": ["{{experiment}}"]}""", "dataset_summaries"),
            ("GET", "registered-models/search", null, "registered_models"),
            ("GET", "registered-models/list", null, "registered_models"),
            ("GET", "model-versions/search", null, "model_versions"),
            ("GET", $"model-versions/search?filter=run_id%3D%27{run}%27", null, "model_versions"),
        ];

        foreach (var (method, path, body, list) in calls)
        {
            Assert.Single((await server.DoInAsync(home, method, path, body))[list]!.AsArray());
            Assert.Empty((await server.DoInAsync(other, method, path, body))[list]?.AsArray() ?? []);
        }
    }

    [Fact]
    public async Task Models_and_versions_cannot_be_reached_from_elsewhere()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        await server.DoInAsync(home, "POST", "registered-models/create", """{"name": "m"}""");
        await server.DoInAsync(home, "POST", "model-versions/create", """{"name": "m", "source": "s3://b/m"}""");
        await server.DoInAsync(home, "POST", "registered-models/alias", """{"name": "m", "alias": "a", "version": "1"}""");
        (string Method, string Path, string? Body)[] calls =
        [
            ("GET", "registered-models/get?name=m", null),
            ("PATCH", "registered-models/update", """{"name": "m", "description": "x"}"""),
            ("POST", "registered-models/rename", """{"name": "m", "new_name": "n"}"""),
            ("POST", "registered-models/set-tag", """{"name": "m", "key": "k", "value": "v"}"""),
            ("DELETE", "registered-models/delete-tag", """{"name": "m", "key": "k"}"""),
            ("POST", "registered-models/get-latest-versions", """{"name": "m"}"""),
            ("POST", "registered-models/alias", """{"name": "m", "alias": "a", "version": "1"}"""),
            ("GET", "registered-models/alias?name=m&alias=a", null),
            ("DELETE", "registered-models/alias", """{"name": "m", "alias": "a"}"""),
            ("DELETE", "registered-models/delete", """{"name": "m"}"""),
            ("POST", "model-versions/create", """{"name": "m", "source": "s3://b/m"}"""),
            ("GET", "model-versions/get?name=m&version=1", null),
            ("PATCH", "model-versions/update", """{"name": "m", "version": "1", "description": "x"}"""),
            ("POST", "model-versions/transition-stage", """{"name": "m", "version": "1", "stage": "Staging", "archive_existing_versions": false}"""),
            ("POST", "model-versions/set-tag", """{"name": "m", "version": "1", "key": "k", "value": "v"}"""),
            ("DELETE", "model-versions/delete-tag", """{"name": "m", "version": "1", "key": "k"}"""),
            ("GET", "model-versions/get-download-uri?name=m&version=1", null),
            ("DELETE", "model-versions/delete", """{"name": "m", "version": "1"}"""),
            ("GET", "/model-versions/get-artifact?name=m&version=1&path=f", null),
        ];
        var before = (await server.DoInAsync(home, "GET", "registered-models/get?name=m")).ToJsonString();

        await NotFoundAsync(other, calls);

        Assert.Equal(before, (await server.DoInAsync(home, "GET", "registered-models/get?name=m")).ToJsonString());
    }

    [Fact]
    public async Task Logged_models_cannot_be_reached_from_elsewhere()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        var created = await server.DoInAsync(home, "POST", "logged-models", $$"""{"experiment_id": "{{experiment}}", "name": "lm"}""");
        var id = (string)created["model"]!["info"]!["model_id"]!;
        (string Method, string Path, string? Body)[] calls =
        [
            ("GET", $"logged-models/{id}", null),
            ("PATCH", $"logged-models/{id}", $$"""{"model_id": "{{id}}", "status": "LOGGED_MODEL_READY"}"""),
            ("PATCH", $"logged-models/{id}/tags", """{"tags": [{"key": "k", "value": "v"}]}"""),
            ("DELETE", $"logged-models/{id}/tags/k", null),
            ("POST", $"logged-models/{id}/params", $$"""{"model_id": "{{id}}", "params": [{"key": "k", "value": "v"}]}"""),
            ("GET", $"logged-models/{id}/artifacts/directories", null),
            ("GET", $"/ajax-api/2.0/mlflow/logged-models/{id}/artifacts/files?artifact_file_path=f", null),
            ("DELETE", $"logged-models/{id}", null),
        ];

        await NotFoundAsync(other, calls);

        Assert.Equal("LOGGED_MODEL_PENDING", (string?)(await server.DoInAsync(home, "GET", $"logged-models/{id}"))["model"]!["info"]!["status"]);
    }

    [Fact]
    public async Task Webhooks_cannot_be_reached_from_elsewhere()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var created = await server.DoInAsync(
            home, "POST", "webhooks",
            """{"name": "w", "url": "https://8.8.8.8/hook", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}""");
        var id = (string)created["webhook"]!["webhook_id"]!;

        await NotFoundAsync(
            other,
            [
                ("GET", $"webhooks/{id}", null),
                ("PATCH", $"webhooks/{id}", """{"name": "x"}"""),
                ("DELETE", $"webhooks/{id}", null),
            ]);

        Assert.Empty((await server.DoInAsync(other, "GET", "webhooks"))["webhooks"]?.AsArray() ?? []);
        Assert.Single((await server.DoInAsync(home, "GET", "webhooks"))["webhooks"]!.AsArray());
    }

    [Fact]
    public async Task Evaluation_datasets_scorers_and_issues_cannot_be_reached_from_elsewhere()
    {
        const string root = "/api/3.0/mlflow/";
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var experiment = await server.NewExperimentAsync(home);
        var dataset = (string)(await server.DoInAsync(
            home, "POST", root + "datasets/create", $$"""{"name": "d", "experiment_ids": ["{{experiment}}"]}"""))["dataset"]!["dataset_id"]!;
        var scorer = $$$"""{"experiment_id": "{{{experiment}}}", "name": "s", "serialized_scorer": "{\"name\": \"s\"}"}""";
        await server.DoInAsync(home, "POST", root + "scorers/register", scorer);
        var issue = (string)(await server.DoInAsync(
            home, "POST", root + "issues", $$"""{"experiment_id": "{{experiment}}", "name": "n", "description": "d"}"""))["issue"]!["issue_id"]!;

        await NotFoundAsync(
            other,
            [
                ("GET", root + $"datasets/{dataset}", null),
                ("PATCH", root + $"datasets/{dataset}/tags", $$$"""{"dataset_id": "{{{dataset}}}", "tags": "{\"k\": \"v\"}"}"""),
                ("GET", root + $"scorers/list?experiment_id={experiment}", null),
                ("GET", root + $"scorers/get?experiment_id={experiment}&name=s", null),
                ("POST", root + "scorers/register", scorer),
                ("DELETE", root + "scorers/delete", $$"""{"experiment_id": "{{experiment}}", "name": "s"}"""),
                ("GET", root + $"issues/{issue}", null),
                ("PATCH", root + $"issues/{issue}", $$"""{"issue_id": "{{issue}}", "status": "resolved"}"""),
            ]);

        var records = await server.InAsync(
            other, "POST", root + $"datasets/{dataset}/records", $$$$"""{"dataset_id": "{{{{dataset}}}}", "records": "[{\"inputs\": {\"q\": 1}}]"}""");
        Assert.Equal((400, $"Evaluation dataset with id '{dataset}' not found"), (records.Status, records.Message));
        foreach (var (path, list) in (IEnumerable<(string, string)>)[("datasets/search", "datasets"), ("issues/search", "issues")])
        {
            Assert.Single((await server.DoInAsync(home, "POST", root + path, "{}"))[list]!.AsArray());
            Assert.Empty((await server.DoInAsync(other, "POST", root + path, "{}"))[list]?.AsArray() ?? []);
        }
    }

    [Fact]
    public async Task Graphql_sees_the_workspace_of_its_request()
    {
        var (home, other) = (await server.NewWorkspaceAsync(), await server.NewWorkspaceAsync());
        var run = (string)(await server.NewRunAsync(home, await server.NewExperimentAsync(home)))["run_id"]!;
        var query = new JsonObject
        {
            ["query"] = $$"""query { mlflowGetRun(input: {runId: "{{run}}"}) { run { info { runId } } apiError { code } } }""",
        }.ToJsonString();

        var own = await server.DoInAsync(home, "POST", "/graphql", query);
        var foreign = await server.InAsync(other, "POST", "/graphql", query);

        Assert.Equal(run, (string?)own["data"]!["mlflowGetRun"]!["run"]!["info"]!["runId"]);
        Assert.DoesNotContain($"\"runId\":\"{run}\"", foreign.Text, StringComparison.Ordinal);
    }

    /// <summary>Each call, sent from another workspace and from the default one, finds nothing.</summary>
    private async Task NotFoundAsync(string other, (string Method, string Path, string? Body)[] calls)
    {
        var found = new List<string>();
        foreach (var (method, path, body) in calls)
        {
            foreach (var workspace in (string?[])[other, null])
            {
                var answer = await server.InAsync(workspace, method, path, body);
                if (answer.Status != 404 || answer.ErrorCode != "RESOURCE_DOES_NOT_EXIST")
                    found.Add(string.Create(CultureInfo.InvariantCulture, $"{method} {path} in {workspace ?? "default"}: {answer.Status} {answer.Text}"));
            }
        }

        Assert.True(found.Count == 0, string.Join("\n", found));
    }
}

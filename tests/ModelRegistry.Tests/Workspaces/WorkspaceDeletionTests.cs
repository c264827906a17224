using System.Globalization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;
using static ModelRegistry.Tests.Workspaces.WorkspaceFixture;

namespace ModelRegistry.Tests.Workspaces;

/// <summary>The three ways to delete a workspace.</summary>
public sealed class WorkspaceDeletionTests(WorkspaceFixture server) : IClassFixture<WorkspaceFixture>
{
    [Fact]
    public async Task An_empty_workspace_goes_at_once_and_its_name_is_free_again()
    {
        var name = await server.NewWorkspaceAsync();

        var deleted = await server.InAsync(null, "DELETE", $"{Route}/{name}");

        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        Assert.Equal(404, (await server.InAsync(name, "GET", "experiments/search?max_results=1")).Status);
        Assert.Equal(201, (await server.InAsync(null, "POST", Route, $$"""{"name": "{{name}}"}""")).Status);
    }

    [Fact]
    public async Task A_workspace_with_contents_stays_unless_told_what_becomes_of_them()
    {
        var name = await FilledAsync("kept");

        foreach (var query in (string[])["", "?mode=RESTRICT"])
        {
            var refused = await server.InAsync(null, "DELETE", $"{Route}/{name}{query}");
            Assert.Equal((500, "INVALID_STATE"), (refused.Status, refused.ErrorCode));
            Assert.Equal(
                $"Cannot delete workspace '{name}': table 'registered_models' still contains 1 resource(s). "
                + "Remove or reassign them before deleting the workspace.",
                refused.Message);
        }

        await server.DoInAsync(name, "GET", "registered-models/get?name=kept");
    }

    [Fact]
    public async Task Cascade_deletes_all_that_is_in_it_and_nothing_else()
    {
        var (name, other) = (await FilledAsync("gone"), await FilledAsync("gone"));

        var deleted = await server.InAsync(null, "DELETE", $"{Route}/{name}?mode=CASCADE");

        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        foreach (var table in (string[])["experiments", "registered_models", "model_versions", "registered_model_tags", "registered_model_aliases", "webhooks", "evaluation_datasets"])
            Assert.Equal(0, await CountAsync($"{table} WHERE workspace = '{name}'"));
        await HasAllAsync(other, "gone");
        Assert.Equal(201, (await server.InAsync(null, "POST", Route, $$"""{"name": "{{name}}"}""")).Status);
        Assert.Empty((await server.DoInAsync(name, "GET", "registered-models/search"))["registered_models"]?.AsArray() ?? []);
    }

    [Fact]
    public async Task Cascade_leaves_no_rows_of_runs_behind()
    {
        var runs = await CountAsync("runs");
        var name = await FilledAsync("rows");
        Assert.Equal(runs + 1, await CountAsync("runs"));
        await server.InAsync(null, "DELETE", $"{Route}/{name}?mode=CASCADE");

        Assert.Equal(runs, await CountAsync("runs"));
        foreach (var table in (string[])["metrics", "latest_metrics", "params", "tags"])
            Assert.Equal(0, await CountAsync($"{table} WHERE run_uuid NOT IN (SELECT run_uuid FROM runs)"));
        Assert.Equal(0, await CountAsync("entity_associations WHERE source_id NOT IN (SELECT dataset_id FROM evaluation_datasets)"));
        Assert.Equal(0, await CountAsync("inputs WHERE destination_type = 'RUN' AND destination_id NOT IN (SELECT run_uuid FROM runs)"));
        Assert.Equal(0, await CountAsync("input_tags WHERE input_uuid NOT IN (SELECT input_uuid FROM inputs)"));
    }

    [Fact]
    public async Task Set_default_moves_all_that_is_in_it_to_the_default_workspace()
    {
        var label = TrackingCalls.UniqueName("moved");
        var name = await FilledAsync(label);

        var deleted = await server.InAsync(null, "DELETE", $"{Route}/{name}?mode=SET_DEFAULT");

        Assert.Equal((204, ""), (deleted.Status, deleted.Text));
        await HasAllAsync(null, label);
        Assert.Equal(404, (await server.InAsync(name, "GET", $"registered-models/get?name={label}")).Status);
    }

    [Fact]
    public async Task Names_that_the_default_workspace_has_keep_the_others_where_they_are()
    {
        var label = TrackingCalls.UniqueName("taken");
        var name = await FilledAsync(label);
        await server.NewExperimentAsync(null, label);
        await server.DoInAsync(null, "POST", "registered-models/create", $$"""{"name": "{{label}}"}""");

        var refused = await server.InAsync(null, "DELETE", $"{Route}/{name}?mode=SET_DEFAULT");

        Assert.Equal((500, "INVALID_STATE"), (refused.Status, refused.ErrorCode));
        Assert.Equal(
            $"Cannot reassign resources from workspace '{name}' to 'default': the following names already exist in the default workspace and would "
            + $"cause conflicts:\n  - registered_models: '{label}'\n  - experiments: '{label}'\n"
            + "Rename or remove the conflicting resources before retrying.",
            refused.Message);
        await HasAllAsync(name, label);
    }

    /// <summary>A workspace with something of everything, under one name.</summary>
    private async Task<string> FilledAsync(string label)
    {
        var name = await server.NewWorkspaceAsync();
        var experiment = await server.NewExperimentAsync(name, label);
        var run = (string)(await server.NewRunAsync(name, experiment))["run_id"]!;
        var model = await server.DoInAsync(name, "POST", "logged-models", $$"""{"experiment_id": "{{experiment}}", "name": "lm", "params": [{"key": "k", "value": "v"}]}""");
        var id = (string)model["model"]!["info"]!["model_id"]!;
        await server.DoInAsync(
            name, "POST", "runs/log-batch",
            $$"""
            {"run_id": "{{run}}", "metrics": [{"key": "m", "value": 1, "timestamp": 1, "model_id": "{{id}}"}],
             "params": [{"key": "p", "value": "v"}], "tags": [{"key": "t", "value": "v"}]}
            """);
        await server.DoInAsync(
            name, "POST", "runs/log-inputs",
            $$$"""
            {"run_id": "{{{run}}}", "models": [{"model_id": "{{{id}}}"}],
             "datasets": [{"tags": [{"key": "c", "value": "x"}], "dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "x"}}]}
            """);
        await server.DoInAsync(name, "POST", "registered-models/create", $$"""{"name": "{{label}}", "tags": [{"key": "k", "value": "v"}]}""");
        await server.DoInAsync(
            name, "POST", "model-versions/create", $$"""{"name": "{{label}}", "source": "s3://b/m", "run_id": "{{run}}", "tags": [{"key": "k", "value": "v"}]}""");
        await server.DoInAsync(name, "POST", "registered-models/alias", $$"""{"name": "{{label}}", "alias": "a", "version": "1"}""");
        await server.DoInAsync(
            name, "POST", "webhooks",
            $$"""{"name": "{{label}}", "url": "https://8.8.8.8/hook", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}""");
        var data = await server.DoInAsync(
            name, "POST", "/api/3.0/mlflow/datasets/create", $$"""{"name": "{{label}}", "experiment_ids": ["{{experiment}}"], "tags": "{\"k\": \"v\"}"}""");
        var dataset = (string)data["dataset"]!["dataset_id"]!;
        await server.DoInAsync(
            name, "POST", $"/api/3.0/mlflow/datasets/{dataset}/records", $$$$"""{"dataset_id": "{{{{dataset}}}}", "records": "[{\"inputs\": {\"q\": 1}}]"}""");
        await server.DoInAsync(
            name, "POST", "/api/3.0/mlflow/scorers/register",
            $$$"""{"experiment_id": "{{{experiment}}}", "name": "s", "serialized_scorer": "{\"name\": \"s\"}"}""");
        await server.DoInAsync(
            name, "POST", "/api/3.0/mlflow/issues", $$"""{"experiment_id": "{{experiment}}", "name": "n", "description": "d", "source_run_id": "{{run}}"}""");
        return name;
    }

    private async Task HasAllAsync(string? workspace, string label)
    {
        var version = await server.DoInAsync(workspace, "GET", $"registered-models/alias?name={label}&alias=a");
        Assert.Equal("k", (string?)version["model_version"]!["tags"]![0]!["key"]);
        var run = await server.DoInAsync(workspace, "GET", $"runs/get?run_id={version["model_version"]!["run_id"]}");
        Assert.Equal("m", (string?)run["run"]!["data"]!["metrics"]![0]!["key"]);
        Assert.Equal("d", (string?)run["run"]!["inputs"]!["dataset_inputs"]![0]!["dataset"]!["name"]);
        var experiment = await server.DoInAsync(workspace, "GET", $"experiments/get-by-name?experiment_name={label}");
        var models = await server.DoInAsync(
            workspace, "POST", "logged-models/search", $$"""{"experiment_ids": ["{{experiment["experiment"]!["experiment_id"]}}"]}""");
        Assert.Single(models["models"]!.AsArray());
        var datasets = await server.DoInAsync(workspace, "POST", "/api/3.0/mlflow/datasets/search", $$"""{"filter_string": "name = '{{label}}'"}""");
        Assert.Single(datasets["datasets"]!.AsArray());
        Assert.Contains(label, (await server.DoInAsync(workspace, "GET", "webhooks"))["webhooks"]!.AsArray().Select(webhook => (string)webhook!["name"]!));
    }

    private async Task<long> CountAsync(string rows) =>
        Convert.ToInt64(await server.ExecuteAsync($"SELECT COUNT(*) FROM {rows}"), CultureInfo.InvariantCulture);
}

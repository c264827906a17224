using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>What runs have in GraphQL alone: their experiment and the model versions made from them.</summary>
internal sealed class RunExtras(RpcCalls calls)
{
    private const int MaxRunsPerSearch = 500;
    private const int MaxVersions = 200_000;

    /// <summary>Adds what is asked for, for all runs at once. What cannot be had is null, and an error says why.</summary>
    public async Task AddAsync(IReadOnlyList<JsonObject> runs, IReadOnlyList<PlannedObject> asked, RequestContext context, List<string> errors)
    {
        if (asked.Any(one => one.Asks("experiment")))
            await AddExperimentsAsync(runs, context, errors);
        if (asked.Any(one => one.Asks("modelVersions")))
            await AddVersionsAsync(runs, context, errors);
    }

    private async Task AddExperimentsAsync(IReadOnlyList<JsonObject> runs, RequestContext context, List<string> errors)
    {
        foreach (var group in runs.GroupBy(run => (string)run["info"]!["experiment_id"]!))
        {
            var experiment = await TryAsync(
                async () => (await calls.InvokeAsync("GET", "mlflow/experiments/get", new() { ["experiment_id"] = group.Key }, context, context.Http.RequestAborted))["experiment"],
                errors);
            foreach (var run in group)
                run["experiment"] = experiment?.DeepClone();
        }
    }

    private async Task AddVersionsAsync(IReadOnlyList<JsonObject> runs, RequestContext context, List<string> errors)
    {
        foreach (var chunk in runs.Chunk(MaxRunsPerSearch))
        {
            var found = await TryAsync(() => SearchVersionsAsync([.. chunk.Select(IdOf)], context), errors);
            var byRun = found?.AsArray().ToLookup(version => (string?)version!["run_id"], version => version!.DeepClone());
            foreach (var run in chunk)
                run["model_versions"] = byRun is null ? null : new JsonArray([.. byRun[IdOf(run)]]);
        }
    }

    private async Task<JsonNode?> SearchVersionsAsync(IReadOnlyList<string> runIds, RequestContext context)
    {
        var all = new JsonArray();
        // Lists of the search grammar are of lower-case ids; the rare others, from imports, are asked for one by one.
        var filters = runIds.Where(id => !IsListable(id)).Select(id => $"run_id = '{id}'").ToList();
        var listed = runIds.Where(IsListable).ToList();
        if (listed.Count > 0)
            filters.Add($"run_id IN ({string.Join(", ", listed.Select(id => $"'{id}'"))})");
        foreach (var filter in filters)
        {
            var request = new JsonObject { ["filter"] = filter, ["max_results"] = MaxVersions };
            var page = await calls.InvokeAsync("GET", "mlflow/model-versions/search", request, context, context.Http.RequestAborted);
            foreach (var version in page["model_versions"]?.AsArray() ?? [])
                all.Add(version!.DeepClone());
        }

        return all;
    }

    private static bool IsListable(string id) => id.All(c => char.IsAsciiDigit(c) || c is >= 'a' and <= 'z');

    private static string IdOf(JsonObject run) => (string)run["info"]!["run_id"]!;

    private static async Task<JsonNode?> TryAsync(Func<Task<JsonNode?>> read, List<string> errors)
    {
        try
        {
            return await read();
        }
        catch (ApiException e)
        {
            errors.Add(e.Message);
            return null;
        }
    }
}

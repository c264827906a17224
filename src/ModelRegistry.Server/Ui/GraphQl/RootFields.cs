using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Answers the fields of the root with the calls that clients make for the same.</summary>
internal sealed class RootFields(RpcCalls calls, RunExtras extras)
{
    /// <returns>The answer as on the wire of the call.</returns>
    /// <exception cref="ApiException">The field cannot be answered.</exception>
    public async Task<JsonNode?> ResolveAsync(PlannedField field, RequestContext context, List<string> errors)
    {
        if (field.Definition.Name == "testMutation")
            return null; // MLflow has forgotten to answer it.
        if (field.Argument is null)
            throw ApiException.Invalid($"The field '{field.Definition.Name}' needs the argument '{field.Definition.Argument!.Name}'.");
        if (field.Definition.Name == "test")
            return new JsonObject { ["output"] = field.Argument.DeepClone() };

        var (method, path) = CallOf(field.Definition.Name);
        var answer = await calls.InvokeAsync(method, path, WithoutNulls(field.Argument.AsObject()), context, context.Http.RequestAborted);
        if (answer["run"] is JsonObject run)
            await extras.AddAsync([run], Find(field, "run"), context, errors);
        else if (answer["runs"] is JsonArray runs)
            await extras.AddAsync([.. runs.Select(one => one!.AsObject())], Find(field, "runs"), context, errors);
        return answer;
    }

    private static (string Method, string Path) CallOf(string field) => field switch
    {
        "mlflowGetExperiment" => ("GET", "mlflow/experiments/get"),
        "mlflowGetMetricHistoryBulkInterval" => ("GET", "mlflow/metrics/get-history-bulk-interval"),
        "mlflowGetRun" => ("GET", "mlflow/runs/get"),
        "mlflowListArtifacts" => ("GET", "mlflow/artifacts/list"),
        "mlflowSearchDatasets" => ("POST", "mlflow/experiments/search-datasets"),
        "mlflowSearchModelVersions" => ("GET", "mlflow/model-versions/search"),
        "mlflowSearchRuns" => ("POST", "mlflow/runs/search"),
        _ => throw new InvalidOperationException($"The schema has a field '{field}' that nothing answers."),
    };

    /// <summary>null is "not set" in the requests of calls.</summary>
    private static JsonObject WithoutNulls(JsonObject input)
    {
        var result = new JsonObject();
        foreach (var (name, value) in input.Where(pair => pair.Value is not null))
            result[name] = value!.DeepClone();
        return result;
    }

    /// <summary>All that is asked of the runs, under whatever keys.</summary>
    private static IReadOnlyList<PlannedObject> Find(PlannedField field, string name) =>
        [.. field.Children!.Fields.Where(child => child.Definition.Name == name).Select(child => child.Children!)];
}

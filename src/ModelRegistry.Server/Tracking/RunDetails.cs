using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking;

/// <summary>How much of a run is answered.</summary>
internal enum RunDetail
{
    /// <summary>One run: everything.</summary>
    Single,

    /// <summary>A run in a list: MLflow leaves the models a run read out of its searches.</summary>
    Listed,
}

/// <summary>Adds metrics, parameters, tags, inputs and outputs to runs: a fixed number of statements for a page.</summary>
internal static class RunDetails
{
    private const int MaxIdsPerStatement = 500;

    /// <summary>The runs in the order given.</summary>
    public static async Task<List<RunBody>> AttachAsync(SqlScope scope, IReadOnlyList<RunRow> rows, RunDetail detail)
    {
        var data = rows.ToDictionary(row => row.RunUuid, _ => RunDataBody.Empty());
        foreach (var ids in data.Keys.Chunk(MaxIdsPerStatement))
            await LoadDataAsync(scope, ids, data);
        var edges = await InputStore.LoadAsync(scope, data.Keys);
        return [.. rows.Select(row => Body(row, data[row.RunUuid], edges[row.RunUuid], detail))];
    }

    private static RunBody Body(RunRow row, RunDataBody data, RunInputs edges, RunDetail detail)
    {
        var models = detail == RunDetail.Single ? edges.ModelInputs : [];
        return new RunBody(RunInfoBody.From(row), data, new RunInputsBody(edges.DatasetInputs, models), new RunOutputsBody(edges.ModelOutputs));
    }

    private static async Task LoadDataAsync(SqlScope scope, string[] ids, Dictionary<string, RunDataBody> data)
    {
        var metrics = await scope.QueryAsync<LatestMetricRow>(
            "SELECT run_uuid, \"key\", value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid IN @ids", new { ids });
        foreach (var row in metrics)
            data[row.RunUuid].Metrics.Add(RunMetricBody.From(row));

        var parameters = await scope.QueryAsync<RunParamRow>("SELECT run_uuid, \"key\", value FROM params WHERE run_uuid IN @ids", new { ids });
        foreach (var row in parameters)
            data[row.RunUuid].Params.Add(new RunParamBody(row.Key, row.Value));

        var tags = await scope.QueryAsync<RunTagRow>("SELECT run_uuid, \"key\", value FROM tags WHERE run_uuid IN @ids", new { ids });
        foreach (var row in tags)
            data[row.RunUuid].Tags.Add(new RunTagBody(row.Key, row.Value));
    }
}

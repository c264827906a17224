using ModelRegistry.Server.Data;
using ModelRegistry.Server.Tracking.Inputs;
using ModelRegistry.Server.Tracking.Metrics;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>How much of a run is answered.</summary>
internal enum RunDetail
{
    /// <summary>One run: everything.</summary>
    Single,

    /// <summary>A run in a list: MLflow leaves the models a run read out of its searches.</summary>
    Listed,
}

/// <summary>Adds metrics, parameters, tags, inputs and outputs to runs: a fixed number of statements for a page, sent at once.</summary>
internal static class RunDetails
{
    private const string Metrics = "SELECT run_uuid, \"key\", value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid IN @ids";
    private const string Parameters = "SELECT run_uuid, \"key\", value FROM params WHERE run_uuid IN @ids";
    private const string Tags = "SELECT run_uuid, \"key\", value FROM tags WHERE run_uuid IN @ids";

    /// <summary>The runs in the order given.</summary>
    public static async Task<List<RunBody>> AttachAsync(SqlScope scope, IReadOnlyList<RunRow> rows, RunDetail detail)
    {
        var data = rows.ToDictionary(row => row.RunUuid, _ => RunDataBody.Empty());
        var edges = rows.ToDictionary(row => row.RunUuid, _ => new RunInputs());
        foreach (var ids in data.Keys.Chunk(IdChunks.Size))
        {
            await using var results = scope.QueryBatch(new { ids }, [Metrics, Parameters, Tags, .. InputQueries.Statements]);
            await ReadDataAsync(results, data);
            await InputQueries.ReadAsync(results, edges);
        }

        return [.. rows.Select(row => Body(row, data[row.RunUuid], edges[row.RunUuid], detail))];
    }

    private static RunBody Body(RunRow row, RunDataBody data, RunInputs edges, RunDetail detail)
    {
        var models = detail == RunDetail.Single ? edges.ModelInputs : [];
        return new RunBody(RunInfoBody.From(row), data, new RunInputsBody(edges.DatasetInputs, models), new RunOutputsBody(edges.ModelOutputs));
    }

    private static async Task ReadDataAsync(QueryResults results, Dictionary<string, RunDataBody> data)
    {
        foreach (var row in await results.ReadAsync<LatestMetricRow>())
            data[row.RunUuid].Metrics.Add(RunMetricBody.From(row));
        foreach (var row in await results.ReadAsync<RunParamRow>())
            data[row.RunUuid].Params.Add(new RunParamBody(row.Key, row.Value));
        foreach (var row in await results.ReadAsync<RunTagRow>())
            data[row.RunUuid].Tags.Add(new RunTagBody(row.Key, row.Value));
    }
}

using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Rows of <c>params</c>: written once, never changed.</summary>
internal sealed class ParamStore(TrackingWriter writer)
{
    public Task LogAsync(Caller caller, string runId, RunParamRow param, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await ActiveRun.GetAsync(scope, caller.Workspace, runId);
                foreach (var (key, old, given) in await InsertAsync(scope, runId, [param]))
                {
                    throw ApiException.Invalid(
                        $"Changing param values is not allowed. Param with key='{key}' was already logged with value='{old}'"
                        + $" for run ID='{runId}'. Attempted logging new value '{given}'.");
                }
            },
            cancellationToken,
            ActiveRun.Row(runId));

    /// <summary>Logs the parameters of a batch; one changed value refuses them all.</summary>
    internal static async Task LogAsync(SqlScope scope, string runId, IReadOnlyList<RunParamRow> parameters)
    {
        var changed = await InsertAsync(scope, runId, parameters);
        if (changed.Count == 0)
            return;
        var list = changed.Select(change =>
            $"{{'key': {PythonText.Repr(change.Key)}, 'old_value': {PythonText.Repr(change.Old)}, 'new_value': {PythonText.Repr(change.New)}}}");
        throw ApiException.Invalid(
            $"Changing param values is not allowed. Params were already logged='[{string.Join(", ", list)}]' for run ID='{runId}'.");
    }

    /// <summary>Inserts what is new.</summary>
    /// <returns>The parameters that are there with another value.</returns>
    private static async Task<List<(string Key, string Old, string New)>> InsertAsync(
        SqlScope scope, string runId, IReadOnlyList<RunParamRow> parameters)
    {
        await scope.InsertAsync(
            "params",
            ["\"key\"", "value", "run_uuid"],
            [.. parameters.Select(param => new object?[] { param.Key, param.Value, runId })],
            scope.Dialect.OnConflictNothing("\"key\", run_uuid"));
        var stored = new Dictionary<string, string>(parameters.Count);
        var rows = await scope.QueryInChunksAsync<string, RunParamRow>(
            "SELECT \"key\", value FROM params WHERE run_uuid = @runId AND \"key\" IN @keys", parameters.Select(param => param.Key), keys => new { runId, keys });
        foreach (var row in rows)
            stored[row.Key] = row.Value;

        return [.. from param in parameters where stored[param.Key] != param.Value select (param.Key, stored[param.Key], param.Value)];
    }
}

internal sealed record RunParamRow
{
    public string RunUuid { get; init; } = "";

    public required string Key { get; init; }

    public required string Value { get; init; }
}

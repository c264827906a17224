using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>Rows of <c>logged_model_params</c> and <c>logged_model_tags</c>. Deleted models take them as well.</summary>
internal sealed class LoggedModelPairStore(TrackingWriter writer)
{
    /// <exception cref="System.Data.Common.DbException">A unique violation: parameters are written once.</exception>
    public Task LogParamsAsync(
        Caller caller, string modelId, IReadOnlyList<LoggedModelPairBody> parameters, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope => await InsertParamsAsync(scope, await LoggedModelStore.GetRowAsync(scope, caller.Workspace, modelId), parameters),
            cancellationToken);

    public Task SetTagsAsync(Caller caller, string modelId, IReadOnlyList<LoggedModelPairBody> tags, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                // A key given twice in one call: the last one counts.
                var last = tags.GroupBy(tag => tag.Key).Select(group => group.Last()).ToList();
                await UpsertTagsAsync(scope, await LoggedModelStore.GetRowAsync(scope, caller.Workspace, modelId), last);
            },
            cancellationToken);

    public Task DeleteTagAsync(Caller caller, string modelId, string key, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                await LoggedModelStore.GetRowAsync(scope, caller.Workspace, modelId);
                var deleted = await scope.ExecuteAsync(
                    $"DELETE FROM logged_model_tags WHERE model_id = @modelId AND {scope.Dialect.TextEquals("tag_key", "@key")}", new { modelId, key });
                if (deleted == 0)
                    throw ApiException.NotFound($"No tag with key {PythonText.Repr(key)} found for model with ID {PythonText.Repr(modelId)}.");
            },
            cancellationToken);

    internal static Task InsertParamsAsync(SqlScope scope, LoggedModelRow model, IReadOnlyList<LoggedModelPairBody> parameters) =>
        scope.InsertAsync("logged_model_params", ["model_id", "experiment_id", "param_key", "param_value"], Rows(model, parameters));

    internal static Task InsertTagsAsync(SqlScope scope, LoggedModelRow model, IReadOnlyList<LoggedModelPairBody> tags) =>
        scope.InsertAsync("logged_model_tags", ["model_id", "experiment_id", "tag_key", "tag_value"], Rows(model, tags));

    private static Task UpsertTagsAsync(SqlScope scope, LoggedModelRow model, IReadOnlyList<LoggedModelPairBody> tags) =>
        scope.InsertAsync(
            "logged_model_tags",
            ["model_id", "experiment_id", "tag_key", "tag_value"],
            Rows(model, tags),
            scope.Dialect.OnConflictUpdate("model_id, tag_key", ["tag_value"]));

    private static List<object?[]> Rows(LoggedModelRow model, IReadOnlyList<LoggedModelPairBody> pairs) =>
        [.. pairs.Select(pair => new object?[] { model.ModelId, model.ExperimentId, pair.Key, pair.Value })];
}

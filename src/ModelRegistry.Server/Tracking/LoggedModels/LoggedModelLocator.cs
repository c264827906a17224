using System.Globalization;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>The narrow door through which other areas learn where a logged model lives.</summary>
internal sealed class LoggedModelLocator(TrackingDatabase database, TrackingWriter writer)
{
    private const string VersionsTag = "mlflow.modelVersions";

    /// <returns>null when there is no such model, or it is deleted.</returns>
    public Task<LoggedModelLocation?> FindAsync(Workspace workspace, string modelId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<LoggedModelLocation>(
                """
                SELECT m.model_id, m.experiment_id, m.artifact_location, m.source_run_id
                FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
                WHERE m.model_id = @modelId AND m.lifecycle_stage = 'active' AND e.workspace = @workspace
                """,
                new { modelId, workspace = workspace.Name }),
            cancellationToken);

    /// <exception cref="ApiException">RESOURCE_DOES_NOT_EXIST.</exception>
    public async Task<LoggedModelLocation> GetAsync(Workspace workspace, string modelId, CancellationToken cancellationToken) =>
        await FindAsync(workspace, modelId, cancellationToken) ?? throw ApiException.NotFound($"Logged model with ID '{modelId}' not found.");

    /// <summary>Notes on the logged model, in the tag that MLflow's clients read, that a version was registered from it.</summary>
    /// <param name="registry">The database <paramref name="scope"/> writes to. One of its own shares no transaction with us.</param>
    public Task AppendVersionAsync(
        SqlScope scope, RegistryDatabase registry, LoggedModelLocation model, string name, long version, CancellationToken cancellationToken) =>
        registry.HoldsTracking
            ? AppendVersionAsync(scope, model, name, version)
            : writer.WriteUnauditedAsync(own => AppendVersionAsync(own, model, name, version), cancellationToken);

    private static async Task AppendVersionAsync(SqlScope scope, LoggedModelLocation model, string name, long version)
    {
        var key = new { modelId = model.ModelId, key = VersionsTag };

        // The model's row, because the tag may not be there yet to be locked.
        await scope.FindAsync<string>($"SELECT model_id FROM logged_models WHERE model_id = @modelId {scope.Dialect.ForUpdate}", key);
        var known = await scope.FindAsync<string>("SELECT tag_value FROM logged_model_tags WHERE model_id = @modelId AND tag_key = @key", key);
        var entry = $"{{\"name\": {PythonText.CompactJson(name)}, \"version\": {version.ToString(CultureInfo.InvariantCulture)}}}";
        await scope.InsertAsync(
            "logged_model_tags",
            ["model_id", "experiment_id", "tag_key", "tag_value"],
            [[model.ModelId, model.ExperimentId, VersionsTag, JsonListText.Append(known, entry, $"{VersionsTag} of logged model '{model.ModelId}'", isSet: true)]],
            scope.Dialect.OnConflictUpdate("model_id, tag_key", ["tag_value"]));
    }
}

/// <summary>Where a logged model's artifacts are and which run made it.</summary>
internal sealed record LoggedModelLocation
{
    public required string ModelId { get; init; }

    public long ExperimentId { get; init; }

    /// <summary>URI such as <c>mlflow-artifacts:/1/models/m-abc/artifacts</c>.</summary>
    public required string ArtifactLocation { get; init; }

    public string? SourceRunId { get; init; }
}

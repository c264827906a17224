using System.Runtime.CompilerServices;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Reads, page by page, every location that something in the databases points at. One pass over three tables, by their keys.</summary>
internal sealed class LiveLocations(Databases stores)
{
    private const int PageSize = 2000;

    /// <summary>Clocks of replicas may differ by less than this.</summary>
    private static readonly TimeSpan ClockMargin = TimeSpan.FromMinutes(5);

    /// <summary>All runs and logged models, deleted ones included: they can be restored, or are candidates; and the versions that are not deleted.</summary>
    public async IAsyncEnumerable<LiveLocation> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in PagesAsync(RunsSql, Kind.Run, cancellationToken))
            yield return run;
        await foreach (var model in PagesAsync(LoggedModelsSql, Kind.LoggedModel, cancellationToken))
            yield return model;
        foreach (var workspace in await WorkspacesAsync(cancellationToken))
        {
            await foreach (var version in VersionsAsync(workspace, cancellationToken))
                yield return version;
        }
    }

    /// <summary>Versions that were made or changed since a pass began.</summary>
    public async Task<List<LiveLocation>> ChangedSinceAsync(DateTimeOffset start, CancellationToken cancellationToken)
    {
        var since = (start - ClockMargin).ToUnixTimeMilliseconds();
        var workspaces = await WorkspacesAsync(cancellationToken);
        if (workspaces.Count == 0)
            return [];
        var rows = await stores.Registry.ReadAsync(
            scope => scope.QueryAsync<VersionRow>(
                $"{VersionsSql} WHERE v.workspace IN @workspaces AND v.last_updated_time >= @since AND v.current_stage <> 'Deleted_Internal'",
                new { workspaces, since }),
            cancellationToken);
        return [.. rows.SelectMany(row => row.Locations())];
    }

    public Task<List<string>> WorkspacesAsync(CancellationToken cancellationToken) =>
        stores.Registry.ReadAsync(scope => scope.QueryAsync<string>("SELECT DISTINCT workspace FROM registered_models"), cancellationToken);

    private const string RunsSql =
        """
        SELECT r.run_uuid AS id, r.artifact_uri AS uri, e.workspace
        FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
        WHERE r.run_uuid > @after ORDER BY r.run_uuid LIMIT @limit
        """;

    private const string LoggedModelsSql =
        """
        SELECT m.model_id AS id, m.artifact_location AS uri, e.workspace
        FROM logged_models m JOIN experiments e ON e.experiment_id = m.experiment_id
        WHERE m.model_id > @after ORDER BY m.model_id LIMIT @limit
        """;

    private const string VersionsSql = "SELECT v.workspace, v.name, v.version, v.source, v.storage_location FROM model_versions v";

    private async IAsyncEnumerable<LiveLocation> PagesAsync(string sql, string kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = "";
        while (true)
        {
            var page = await stores.Tracking.ReadAsync(scope => scope.QueryAsync<Row>(sql, new { after, limit = PageSize }), cancellationToken);
            foreach (var row in page)
                yield return new LiveLocation(kind, row.Id, row.Uri, row.Workspace);
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Id;
        }
    }

    private async IAsyncEnumerable<LiveLocation> VersionsAsync(string workspace, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (name, version) = ("", 0L);
        while (true)
        {
            var page = await stores.Registry.ReadAsync(
                scope => scope.QueryAsync<VersionRow>(
                    $"""
                    {VersionsSql}
                    WHERE v.workspace = @workspace AND v.name >= @name AND (v.name > @name OR v.version > @version)
                        AND v.current_stage <> 'Deleted_Internal'
                    ORDER BY v.name, v.version LIMIT @limit
                    """,
                    new { workspace, name, version, limit = PageSize }),
                cancellationToken);
            foreach (var location in page.SelectMany(row => row.Locations()))
                yield return location;
            if (page.Count < PageSize)
                yield break;
            (name, version) = (page[^1].Name, page[^1].Version);
        }
    }

    private sealed record Row
    {
        public required string Id { get; init; }

        public string? Uri { get; init; }

        public required string Workspace { get; init; }
    }

    private sealed record VersionRow
    {
        public required string Workspace { get; init; }

        public required string Name { get; init; }

        public long Version { get; init; }

        public string? Source { get; init; }

        public string? StorageLocation { get; init; }

        /// <summary>Both: a copy of a version names the other in the one and its place in the other.</summary>
        public IEnumerable<LiveLocation> Locations() =>
            ((string?[])[Source, StorageLocation]).Distinct().Select(uri => new LiveLocation(Kind.Version, "", uri, Workspace));
    }
}

/// <summary>A location, and who points at it.</summary>
/// <param name="Id">Empty for versions: a live one is never a candidate.</param>
internal sealed record LiveLocation(string Kind, string Id, string? Uri, string Workspace);

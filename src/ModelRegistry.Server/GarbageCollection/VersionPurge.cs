using System.Globalization;
using System.Runtime.CompilerServices;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>
/// Deleted model versions. Their rows stay, so that no number is given twice; only the place of their files is forgotten, when these are gone.
/// Nothing but what is below the artifact root of this server is touched: a version may have been made of anybody's files.
/// </summary>
/// <param name="before">They have to be deleted at this time, in milliseconds, or earlier.</param>
internal sealed class VersionPurge(Databases stores, LiveLocations live, GcRequest request, long before, Func<Candidate, bool> isOurs) : Purgeable(stores.Registry)
{
    private const string Eligible = "current_stage = 'Deleted_Internal' AND last_updated_time <= @before AND storage_location IS NOT NULL";

    public override string Kind => GarbageCollection.Kind.Version;

    public override bool RowsGoWithoutFiles => false;

    public override async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var workspaces = await WorkspacesAsync(cancellationToken);
        return workspaces.Count == 0
            ? 0
            : await Database.ReadAsync(
                scope => scope.FindAsync<long>($"SELECT COUNT(*) FROM model_versions WHERE workspace IN @workspaces AND {Eligible}", new { workspaces, before }),
                cancellationToken);
    }

    public override async IAsyncEnumerable<List<Candidate>> PagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var workspace in await WorkspacesAsync(cancellationToken))
        {
            var pages = FollowAsync<CandidateRow>(
                (last, limit) => Database.ReadAsync(
                    scope => scope.QueryAsync<CandidateRow>(
                        $"""
                        SELECT name AS id, version AS position, storage_location AS location, workspace FROM model_versions
                        WHERE workspace = @workspace AND name >= @name AND (name > @name OR version > @version) AND {Eligible}
                        ORDER BY name, version LIMIT @limit
                        """,
                        new { workspace, name = last?.Id ?? "", version = last?.Position ?? 0, before, limit }),
                    cancellationToken),
                row => new Candidate(Kind, Id(row), row.Location, row.Workspace));
            await foreach (var page in pages)
                yield return page.FindAll(candidate => isOurs(candidate));
        }
    }

    public override Task<IReadOnlyCollection<string>> ClaimAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Task.FromResult(ids);

    public override Task DeleteAsync(IReadOnlyCollection<Candidate> gone, CancellationToken cancellationToken) =>
        Database.WriteAsync(
            async scope =>
            {
                foreach (var candidate in gone)
                {
                    var (name, version) = Key(candidate.Id);
                    await scope.ExecuteAsync(
                        $"UPDATE model_versions SET storage_location = NULL WHERE workspace = @Workspace AND name = @name AND version = @version AND {Eligible}",
                        new { candidate.Workspace, name, version, before });
                }
            },
            cancellationToken);

    private Task<List<string>> WorkspacesAsync(CancellationToken cancellationToken) =>
        request.Workspace is { } one ? Task.FromResult<List<string>>([one]) : live.WorkspacesAsync(cancellationToken);

    private static string Id(CandidateRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.Id}/{row.Position}");

    private static (string Name, long Version) Key(string id)
    {
        var slash = id.LastIndexOf('/');
        return (id[..slash], long.Parse(id[(slash + 1)..], CultureInfo.InvariantCulture));
    }
}

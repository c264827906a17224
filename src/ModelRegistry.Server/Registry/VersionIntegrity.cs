using System.Globalization;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Registry;

/// <summary>The narrow door through which the verifier of artifacts finds versions and tells what it found.</summary>
/// <remarks>
/// A version whose files are missing or changed gets the status FAILED_REGISTRATION: of MLflow's three it is the one that clients neither wait
/// on nor take for usable, and that the web pages show in red with the message. Only READY is replaced by it, and only it by READY again.
/// </remarks>
internal sealed class VersionIntegrity(RegistryDatabase database, RegistryWriter writer)
{
    /// <summary>Tag whose value is <c>ok</c>, <c>missing</c>, <c>changed</c> or <c>unknown</c>.</summary>
    public const string StateTag = "modelregistry.integrity";

    /// <summary>Tag that says which files.</summary>
    public const string DetailTag = "modelregistry.integrity.detail";

    private const string Ready = "READY";
    private const string Failed = "FAILED_REGISTRATION";
    private const string StatusField = "status";
    private const int MaxMessage = 500;

    private const string HasFiles =
        """
        v.current_stage <> 'Deleted_Internal' AND NOT EXISTS (
            SELECT 1 FROM registered_model_tags t WHERE t.workspace = v.workspace AND t.name = v.name AND t."key" = @prompt)
        """;

    /// <summary>Versions that have files (prompts have none), in an order of their own.</summary>
    /// <param name="after">The last one of the page before; null to begin.</param>
    public Task<List<VersionLocation>> ListAsync(
        VersionSelection selection, VersionLocation? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<VersionLocation>(
                $"""
                SELECT {VersionLocation.Columns} FROM model_versions v
                WHERE {HasFiles} {selection.Condition}
                  {(after is null ? "" : """
                  AND v.workspace >= @afterWorkspace
                  AND (v.workspace > @afterWorkspace OR v.name > @afterName OR (v.name = @afterName AND v.version > @afterVersion))
                  """)}
                ORDER BY v.workspace, v.name, v.version LIMIT @limit
                """,
                new
                {
                    selection.Model, selection.Version, prompt = ModelRules.PromptTag, limit,
                    afterWorkspace = after?.Workspace, afterName = after?.Name, afterVersion = after?.Version,
                }),
            cancellationToken);

    /// <summary>How many versions <see cref="ListAsync"/> gives in all.</summary>
    public Task<long> CountAsync(VersionSelection selection, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.FindAsync<long>(
                $"SELECT COUNT(*) FROM model_versions v WHERE {HasFiles} {selection.Condition}",
                new { selection.Model, selection.Version, prompt = ModelRules.PromptTag }),
            cancellationToken);

    /// <summary>The word the verifier left last; null when it never looked.</summary>
    public Task<string?> FindStateAsync(VersionLocation version, CancellationToken cancellationToken) =>
        database.ReadAsync(scope => FindTagAsync(scope, version, StateTag), cancellationToken);

    /// <summary>Shows what was found at the version; does nothing when it is shown already, or when the version is gone.</summary>
    /// <param name="isBroken">Whether the version cannot be used as it is.</param>
    /// <returns>Whether the state is another than before.</returns>
    public async Task<bool> ReportAsync(VersionLocation version, string state, string detail, bool isBroken, CancellationToken cancellationToken)
    {
        var text = version.Version.ToString(CultureInfo.InvariantCulture);
        RegistryChange Change(IReadOnlyList<Fact> facts, IReadOnlyList<(string, string)> tags) =>
            RegistryChange.VersionVerified(version.Name, version.Version, text, facts, tags);
        try
        {
            return await writer.WriteAsync(
                Caller.Background(new Workspace(version.Workspace)),
                Change([], [(StateTag, state), (DetailTag, detail)]),
                async write =>
                {
                    var facts = await ChangeAsync(write.Scope, version, state, detail, isBroken);
                    var tags = facts.FindAll(fact => fact.Field != StatusField).ConvertAll(fact => (fact.Field["tag:".Length..], fact.New!));
                    write.Change = facts.Count == 0 ? null : Change(facts, tags);
                    return facts.Exists(fact => fact.Field == $"tag:{StateTag}");
                },
                cancellationToken);
        }
        catch (ApiException e) when (e.Code == ErrorCode.ResourceDoesNotExist)
        {
            return false; // Deleted since it was listed.
        }
    }

    private static async Task<List<Fact>> ChangeAsync(SqlScope scope, VersionLocation version, string state, string detail, bool isBroken)
    {
        var facts = new List<Fact>();
        var status = await scope.FindAsync<string>(
            "SELECT status FROM model_versions WHERE workspace = @Workspace AND name = @Name AND version = @Version", version);
        var before = await FindTagAsync(scope, version, StateTag);
        (string? next, string? message) = (isBroken, status, before) switch
        {
            (true, Ready, _) or (true, Failed, not null) => (Failed, detail.Length > MaxMessage ? detail[..MaxMessage] : detail),
            (false, Failed, not null) => (Ready, null),
            _ => (status, null),
        };
        if (next != status || message is not null)
        {
            await SetStatusAsync(scope, version, next!, message);
            if (next != status)
                facts.Add(new Fact(StatusField, status, next));
        }

        foreach (var (key, value) in new[] { (StateTag, state), (DetailTag, detail) })
        {
            var old = key == StateTag ? before : await FindTagAsync(scope, version, key);
            if (old == value)
                continue;
            await SetTagAsync(scope, version, key, value);
            facts.Add(new Fact($"tag:{key}", old, value));
        }

        return facts;
    }

    private static Task<string?> FindTagAsync(SqlScope scope, VersionLocation version, string key) =>
        scope.FindAsync<string>(
            """SELECT value FROM model_version_tags WHERE workspace = @Workspace AND name = @Name AND version = @Version AND "key" = @key""",
            new { version.Workspace, version.Name, version.Version, key });

    private static Task<int> SetStatusAsync(SqlScope scope, VersionLocation version, string status, string? message) =>
        scope.ExecuteAsync(
            """
            UPDATE model_versions SET status = @status, status_message = @message
            WHERE workspace = @Workspace AND name = @Name AND version = @Version
            """,
            new { version.Workspace, version.Name, version.Version, status, message });

    private static Task SetTagAsync(SqlScope scope, VersionLocation version, string key, string value) =>
        scope.InsertAsync(
            "model_version_tags",
            ["workspace", "name", "version", "\"key\"", "value"],
            [[version.Workspace, version.Name, version.Version, key, value]],
            scope.Dialect.OnConflictUpdate("workspace, \"key\", name, version", ["value"]));
}

/// <summary>Which versions are meant.</summary>
/// <param name="Model">Null for all models.</param>
/// <param name="Version">Null for all versions.</param>
internal sealed record VersionSelection(string? Model = null, long? Version = null)
{
    public string Condition => $"{(Model is null ? "" : "AND v.name = @Model ")}{(Version is null ? "" : "AND v.version = @Version")}";
}

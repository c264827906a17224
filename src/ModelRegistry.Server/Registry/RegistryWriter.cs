using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// The one way to change the registry: locks the model, has <see cref="ChangePipeline"/> make the change, tells webhooks, and has the cache forget.
/// </summary>
internal sealed class RegistryWriter(RegistryDatabase database, ICache cache, Outbox outbox, ChangePipeline pipeline, TimeProvider time)
{
    private const string Name = "SELECT name FROM registered_models WHERE workspace = @workspace AND name = @name";

    // To be read when the model is locked. The name as well, whatever has locked it: it may be stored in another case.
    private const string NameAndHead =
        $"""
        SELECT model.name, head.position, head.hash
        FROM registered_models model LEFT JOIN ({AuditLog.Head}) head ON 1 = 1
        WHERE model.workspace = @workspace AND model.name = @name
        """;

    /// <summary>
    /// A transaction of <see cref="Database.WriteAsync{T}"/> that makes a change. When it returns, no replica gives an answer from before it.
    /// </summary>
    /// <exception cref="Errors.ApiException">What it is about is not there, or the change is refused.</exception>
    public async Task<T> WriteAsync<T>(Caller caller, RegistryChange change, Func<RegistryWrite, Task<T>> body, CancellationToken cancellationToken)
    {
        var workspace = caller.Workspace.Name;
        string[] names = change.NewName is null ? [change.Model] : [change.Model, change.NewName];
        var groups = names.Select(name => ModelCache.Group(workspace, name)).ToHashSet(StringComparer.Ordinal);
        if (cache.IsOn)
            await cache.AnnounceAsync([.. groups]);
        try
        {
            // Writes of one model wait for each other's lock anyway; named so, they may share a commit.
            return await database.Database.WriteAsync(
                scope => RunAsync(scope, caller, change, body, groups), cancellationToken, row: $"model/{ModelCache.Group(workspace, change.Model)}");
        }
        finally
        {
            if (cache.IsOn)
                await cache.ForgetAsync(groups);
        }
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Caller caller, RegistryChange change, Func<RegistryWrite, Task> body, CancellationToken cancellationToken) =>
        WriteAsync(
            caller,
            change,
            async write =>
            {
                await body(write);
                return true;
            },
            cancellationToken);

    private async Task<T> RunAsync<T>(
        SqlScope scope, Caller caller, RegistryChange change, Func<RegistryWrite, Task<T>> body, HashSet<string> groups) =>
        await pipeline.RunAsync(await LockAsync(scope, caller, change, groups), body, TellAsync);

    private Task<IReadOnlyList<Insertion>> TellAsync(RegistryWrite write) =>
        outbox.InsertionsAsync(write.Scope, ((RegistryChange)write.Change!).Events(write.Workspace), write.Subscribers);

    /// <summary>Locks the model, and reads in the same round trip all that is needed of the past.</summary>
    private async Task<RegistryWrite> LockAsync(SqlScope scope, Caller caller, RegistryChange change, HashSet<string> groups)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var told = change.Events(caller.Workspace.Name);
        List<string> queries = change.IsNew ? [AuditLog.Head] : [NameAndHead];
        var locksByQuery = !change.IsNew && !change.Touches && !database.Dialect.HasOneWriter;
        if (locksByQuery)
            queries.Insert(0, $"{Name} {scope.Dialect.ForUpdate}");
        if (change.Before is not null)
            queries.Add(change.Before);
        if (told.Count > 0)
            queries.Add(Outbox.Subscribers);
        await using var results = scope.ExecuteThenQueryBatch(
            change.Touches ? RegisteredModelStore.Touch : null, Parameters(caller, change, told, now), [.. queries]);
        if (locksByQuery)
            await results.ReadAsync<string>();
        var head = (await results.ReadAsync<ModelHead>()).FirstOrDefault();
        if (!change.IsNew)
            groups.Add(ModelCache.Group(caller.Workspace.Name, head?.Name ?? throw change.Missing()));
        var before = change.Before is null ? [] : await results.ReadAsync<FactRow>();
        if (change.NeedsVersion && !before.Exists(row => row.Part == "version"))
            throw change.Missing();
        var subscribers = told.Count == 0 ? [] : await results.ReadAsync<WebhookEventRow>();
        return new RegistryWrite(scope, caller, now, before) { Change = change, Head = head?.Chain, Subscribers = subscribers };
    }

    private static SqlParameters Parameters(Caller caller, RegistryChange change, IReadOnlyList<RegistryEvent> told, long now)
    {
        var parameters = new SqlParameters();
        parameters.Add("workspace", caller.Workspace.Name);
        parameters.Add("name", change.Model);
        parameters.Add("now", now);
        parameters.Add("chain", change.ChainIn(caller.Workspace));
        foreach (var (name, value) in change.Values)
            parameters.Add(name, value);
        if (told.Count > 0)
        {
            parameters.Add("prompt", told[0].WhenPrompt.Entity);
            parameters.Add("model", told[0].WhenModel?.Entity);
            parameters.Add("action", told[0].WhenPrompt.Action);
        }

        return parameters;
    }

    private sealed record ModelHead
    {
        /// <summary>As it is stored; null for a model that is new.</summary>
        public string? Name { get; init; }

        public long? Position { get; init; }

        public string? Hash { get; init; }

        public ChainHead? Chain => Position is { } position && Hash is { } hash ? new ChainHead { Position = position, Hash = hash } : null;
    }
}

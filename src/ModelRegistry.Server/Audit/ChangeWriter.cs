using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>A change of something that has a row of its own to be locked by.</summary>
internal abstract record RowChange : Change
{
    /// <summary>Statement that finds the row, and locks it with the dialect's tail; null when it is not there yet.</summary>
    public string? Row { get; init; }
}

/// <summary>Makes the changes of an area that has no cache and tells nobody; the registry's own writer does more.</summary>
internal abstract class ChangeWriter<TChange>(StoreDatabase database, ChangePipeline pipeline, TimeProvider time)
    where TChange : RowChange
{
    private static readonly Task<IReadOnlyList<Insertion>> Nobody = Task.FromResult<IReadOnlyList<Insertion>>([]);

    protected Database Database { get; } = database.Database;

    /// <summary>A transaction of <see cref="Database.WriteAsync{T}"/> that makes a change.</summary>
    /// <param name="row">As there.</param>
    public Task<T> WriteAsync<T>(
        Caller caller, TChange change, Func<PendingChange, Task<T>> body, CancellationToken cancellationToken, string? row = null) =>
        Database.WriteAsync(
            async scope => await pipeline.RunAsync(await LockAsync(scope, caller, change), body, static _ => Nobody), cancellationToken, row);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Caller caller, TChange change, Func<PendingChange, Task> body, CancellationToken cancellationToken, string? row = null) =>
        WriteAsync(
            caller,
            change,
            async write =>
            {
                await body(write);
                return true;
            },
            cancellationToken,
            row);

    private async Task<PendingChange> LockAsync(SqlScope scope, Caller caller, TChange change)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (change.Resource.Length == 0)
            return new PendingChange(scope, caller, now, []) { Change = change }; // It gets an id of its own, and with it a chain of its own.
        var parameters = new SqlParameters();
        parameters.Add("workspace", caller.Workspace.Name);
        parameters.Add("chain", change.ChainIn(caller.Workspace));
        foreach (var (name, value) in change.Values)
            parameters.Add(name, value);
        string[] row = change.Row is null ? [] : [$"{change.Row} {scope.Dialect.ForUpdate}"];
        string[] before = change.Before is null ? [] : [change.Before];
        await using var results = scope.QueryBatch(parameters, [.. row, AuditLog.Head, .. before]);
        if (row.Length > 0)
            await results.ReadAsync<string>(); // Whether it is there, and in the caller's workspace, the body finds out with its own answer.
        var head = (await results.ReadAsync<ChainHead>()).FirstOrDefault();
        return new PendingChange(scope, caller, now, before.Length == 0 ? [] : await results.ReadAsync<FactRow>()) { Change = change, Head = head };
    }
}

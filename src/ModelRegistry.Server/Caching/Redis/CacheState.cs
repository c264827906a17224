using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Caching.Redis;

/// <summary>What all replicas have agreed on about the cache they share: the one row of <c>mr_cache</c>.</summary>
/// <param name="Installation">Names this registry among those that share a Redis.</param>
/// <param name="Epoch">Part of every generation: what was kept in another epoch is nobody's.</param>
/// <param name="Server">The process of Redis that is used.</param>
/// <param name="Suspension">Set while nobody may use the cache.</param>
/// <param name="Beat">Moves on while a replica needs the suspension.</param>
internal sealed record CacheState(string Installation, string Epoch, string Server, string? Suspension, long Beat);

/// <summary>Reads and changes the terms. A change names what it is based on, and does nothing if that has changed meanwhile.</summary>
internal sealed class CacheTermsStore(RegistryDatabase database)
{
    /// <summary>Begins an epoch, in case the database was changed while no replica watched.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) =>
        database.Database.WriteAsync(
            async scope =>
            {
                var epoch = NewId();
                await scope.InsertAsync(
                    "mr_cache",
                    ["id", "installation", "epoch", "server", "suspension", "beat"],
                    [[1, NewId(), epoch, "", NewId(), 0]],
                    scope.Dialect.OnConflictNothing("id"));
                await scope.ExecuteAsync("UPDATE mr_cache SET epoch = @epoch WHERE id = 1", new { epoch });
            },
            cancellationToken);

    /// <summary>Reads the terms, and makes them where a request comes before the first step of the coordinator.</summary>
    public async Task<CacheState> ReadAsync(CancellationToken cancellationToken)
    {
        if (await FindAsync(cancellationToken) is { } terms)
            return terms;
        await EnterAsync(cancellationToken);
        return await FindAsync(cancellationToken) ?? throw new InvalidOperationException("The row of the table mr_cache was deleted. Restart the server.");
    }

    /// <returns>Whether it was this call that suspended the cache.</returns>
    public async Task<bool> SuspendAsync(CancellationToken cancellationToken) =>
        await ChangeAsync("UPDATE mr_cache SET suspension = @id WHERE id = 1 AND suspension IS NULL", new { id = NewId() }, cancellationToken);

    public Task KeepSuspendedAsync(CacheState seen, CancellationToken cancellationToken) =>
        ChangeAsync("UPDATE mr_cache SET beat = beat + 1 WHERE id = 1 AND suspension = @Suspension", new { seen.Suspension }, cancellationToken);

    /// <summary>Begins an epoch on the given process of Redis.</summary>
    /// <returns>Whether it was this call that did so.</returns>
    public Task<bool> ResumeAsync(CacheState seen, string server, CancellationToken cancellationToken) =>
        ChangeAsync(
            """
            UPDATE mr_cache SET epoch = @epoch, server = @server, suspension = NULL
            WHERE id = 1 AND suspension = @Suspension AND beat = @Beat
            """,
            new { epoch = NewId(), server, seen.Suspension, seen.Beat },
            cancellationToken);

    private Task<CacheState?> FindAsync(CancellationToken cancellationToken) => database.ReadAsync(
        scope => scope.FindAsync<CacheState>("SELECT installation, epoch, server, suspension, beat FROM mr_cache WHERE id = 1"), cancellationToken);

    private Task<bool> ChangeAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        database.Database.WriteAsync(async scope => await scope.ExecuteAsync(sql, parameters) > 0, cancellationToken);

    private static string NewId() => Guid.NewGuid().ToString();
}

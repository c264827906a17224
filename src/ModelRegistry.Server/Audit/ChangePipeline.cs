using System.Data.Common;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>
/// What happens with every change, whatever it is about: who may, what is allowed, what is written down, who is told. Another of these is a line here.
/// A change that is refused on the way leaves nothing, and one that is acknowledged has left all of it.
/// </summary>
internal sealed class ChangePipeline(IEnumerable<IChangeGuard> guards)
{
    private readonly IChangeGuard[] guards = [.. guards];

    /// <param name="write">Its subject is locked, and the past is read.</param>
    /// <param name="tell">Makes the rows for those who are told of the change.</param>
    /// <remarks>The order is the contract: nothing is judged that is not locked, nothing is told that was not written down.</remarks>
    public async Task<T> RunAsync<TWrite, T>(TWrite write, Func<TWrite, Task<T>> body, Func<TWrite, Task<IReadOnlyList<Insertion>>> tell)
        where TWrite : PendingChange
    {
        var (scope, caller) = (write.Scope, write.Caller);
        foreach (var guard in guards)
            await guard.AuthorizeAsync(scope, caller, write.Change!);
        var result = await body(write);
        if (write.Change is not { } change)
            return result;
        var facts = change.Changed(write.Before);
        foreach (var guard in guards)
            await guard.CheckAsync(scope, caller, change, facts);

        // Databases number rows, and give the number of the last one again when it was deleted.
        var head = write.Head ?? (change.MayReuseId
            ? await scope.FindAsync<ChainHead>(AuditLog.Head, new { chain = change.ChainIn(caller.Workspace) })
            : null);
        var entry = AuditLog.Next(head, caller, change, facts, write.Now);
        var told = await tell(write);
        try
        {
            // All in one: on MySQL each statement by itself would be a round trip.
            await scope.InsertAsync([.. write.Last, entry.Insertion, AuditLog.History(entry, facts), .. told]);
        }
        catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
        {
            // The lock is that of one node: on a cluster another one has given the number, of a version or of the chain, meanwhile.
            throw new WriteConflictException(e);
        }

        return result;
    }
}

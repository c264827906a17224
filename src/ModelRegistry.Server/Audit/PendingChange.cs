using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>A change that is under way, in its transaction.</summary>
/// <param name="before">What was, read under the lock.</param>
internal class PendingChange(SqlScope scope, Caller caller, long now, IReadOnlyList<FactRow> before)
{
    private readonly List<Insertion> last = [];

    public SqlScope Scope { get; } = scope;

    public Caller Caller { get; } = caller;

    public string Workspace => Caller.Workspace.Name;

    /// <summary>Milliseconds since 1970; the same for all that the change writes.</summary>
    public long Now { get; } = now;

    public IReadOnlyList<FactRow> Before { get; } = before;

    /// <summary>What is going on. The body may name it again when it knows more; null for nothing after all, which leaves no trace.</summary>
    public required Change? Change { get; set; }

    /// <summary>The newest row of the chain; null for none.</summary>
    public ChainHead? Head { get; init; }

    /// <summary>What is inserted with the records of the change at its end, which saves a round trip.</summary>
    public IReadOnlyList<Insertion> Last => last;

    /// <summary>Adds to <see cref="Last"/>. A row that is there already is taken for a conflict, and the write is done again.</summary>
    public void InsertLast(params Insertion[] insertions) => last.AddRange(insertions);
}

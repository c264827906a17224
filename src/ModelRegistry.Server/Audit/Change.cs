using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>A change by its name: what it is, what it is about, and how its facts are found. All that is written down of it comes from here.</summary>
internal abstract record Change
{
    /// <summary>Such as <c>alias.set</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Such as <c>model_version</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Names the resource in its workspace, such as <c>iris/3</c>; empty until it has an id.</summary>
    public required string Resource { get; init; }

    /// <summary>The resource gets its id on the way, and it may be that of another one that is gone for good: then its chain goes on.</summary>
    public bool MayReuseId { get; init; }

    /// <summary>The chain of the log that the change is in: that of what is locked for it.</summary>
    public abstract string ChainIn(Workspace workspace);

    /// <summary>
    /// Query for <see cref="FactRow"/>s that are read under the lock, before anything is changed; null when nothing of the past is needed.
    /// </summary>
    public string? Before { get; init; }

    /// <summary>What <see cref="Before"/> takes besides the workspace and the name.</summary>
    public IReadOnlyList<(string Name, object? Value)> Values { get; init; } = [];

    /// <summary>The facts that change, from the rows of <see cref="Before"/>.</summary>
    public required Func<IReadOnlyList<FactRow>, IEnumerable<Fact>> Facts { get; init; }

    /// <summary>Facts whose value is another than before.</summary>
    public List<Fact> Changed(IReadOnlyList<FactRow> before) => [.. Facts(before).Where(fact => fact.Old != fact.New)];
}

/// <summary>A fact as it is stored before a change.</summary>
internal sealed record FactRow
{
    public required string Part { get; init; }

    /// <summary>Tells facts of one part apart: the key of a tag, the number of a version.</summary>
    public string? Key { get; init; }

    public string? Value { get; init; }
}

/// <summary>One thing that was so, and is now so.</summary>
/// <param name="Field">Such as <c>stage</c>, or <c>tag:owner</c>.</param>
/// <param name="Old">null for nothing.</param>
/// <param name="New">null for nothing.</param>
/// <param name="Resource">Whose fact it is; null for the resource of the change.</param>
internal sealed record Fact(string Field, string? Old, string? New, string? Resource = null);

using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>Has a say in every change, in its transaction; an exception refuses the change and rolls everything back. Guards are asked in the order of their registration.</summary>
internal interface IChangeGuard
{
    /// <summary>Whether the caller may: after what the change is about has been locked, before anything is changed.</summary>
    Task AuthorizeAsync(SqlScope scope, Caller caller, Change change);

    /// <summary>Whether what came of it is allowed: after the change, before it is written down.</summary>
    /// <param name="facts">What was before, and what is now.</param>
    Task CheckAsync(SqlScope scope, Caller caller, Change change, IReadOnlyList<Fact> facts);
}

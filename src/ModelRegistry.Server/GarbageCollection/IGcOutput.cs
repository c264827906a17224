namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Where a collection says what it does: a terminal, a pipe, or the log of a server.</summary>
internal interface IGcOutput
{
    /// <summary>Whether totals are wanted for <see cref="Begin"/>; they cost a query.</summary>
    bool ShowsProgress { get; }

    /// <summary>A new kind of work starts.</summary>
    /// <param name="total">How many; 0 when not known.</param>
    void Begin(string what, long total);

    /// <summary>So many more are done.</summary>
    void Advance(int count);

    /// <summary>One thing was done.</summary>
    void Say(string line);

    /// <summary>Something could not be done, or was left alone.</summary>
    void Warn(string line);
}

using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>One kind of thing that can be deleted for good: how candidates are found, claimed and, when their artifacts are gone, deleted.</summary>
internal abstract class Purgeable(Database database)
{
    /// <summary>Rows of one statement when a table may hold very many of one thing: the database is not to stand still for long.</summary>
    private const int BulkRows = 5000;

    /// <summary>One of <see cref="Kind"/>.</summary>
    public abstract string Kind { get; }

    /// <summary>Whether what live things point at is only spared, and the rows go all the same, as <c>mlflow gc</c> does.</summary>
    public virtual bool RowsGoWithoutFiles => true;

    protected Database Database { get; } = database;

    /// <summary>How many candidates there are, for the progress bar.</summary>
    public abstract Task<long> CountAsync(CancellationToken cancellationToken);

    /// <summary>All candidates, a page at a time.</summary>
    public abstract IAsyncEnumerable<List<Candidate>> PagesAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that candidates are still deleted and cannot be restored from now on.</summary>
    /// <returns>Ids of those.</returns>
    public abstract Task<IReadOnlyCollection<string>> ClaimAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>Deletes the rows of candidates whose artifacts are gone.</summary>
    public abstract Task DeleteAsync(IReadOnlyCollection<Candidate> gone, CancellationToken cancellationToken);

    /// <summary>Deletes rows in transactions of a bounded size each; cut off, it can be repeated.</summary>
    protected async Task DeleteBulkAsync(string table, string condition, object parameters, CancellationToken cancellationToken)
    {
        var sql = Database.Dialect.DeleteSome(table, condition, BulkRows);
        while (await Database.WriteAsync(scope => scope.ExecuteAsync(sql, parameters), cancellationToken) == BulkRows)
        {
        }
    }

    /// <summary>Follows a page query to its end.</summary>
    /// <param name="read">The page of so many rows after a row; null for the first.</param>
    protected static async IAsyncEnumerable<List<Candidate>> FollowAsync<TRow>(Func<TRow?, int, Task<List<TRow>>> read, Func<TRow, Candidate> convert)
        where TRow : class
    {
        const int PageSize = 500;
        TRow? last = null;
        while (true)
        {
            var page = await read(last, PageSize);
            if (page.Count > 0)
                yield return page.ConvertAll(row => convert(row));
            if (page.Count < PageSize)
                yield break;
            last = page[^1];
        }
    }
}

/// <summary>A row of a page of candidates.</summary>
internal sealed record CandidateRow
{
    public required string Id { get; init; }

    /// <summary>Where the page goes on, where that is not the id alone.</summary>
    public long Position { get; init; }

    public string? Location { get; init; }

    public required string Workspace { get; init; }

    public Candidate As(string kind) => new(kind, Id, Location, Workspace);
}

namespace ModelRegistry.Tests.Recordings;

/// <summary>
/// Pairs expected elements with actual ones, one to one, as many as can be paired (augmenting paths). Taking the first that fits is not
/// enough: a loose matcher could take the only element that a strict one fits.
/// </summary>
internal sealed class PerfectMatching
{
    private readonly int[][] fits;
    private readonly int?[] owner;
    private readonly List<int> unmatched = [];

    public PerfectMatching(int count, Func<int, int, bool> matches)
    {
        fits = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count).Where(j => matches(i, j)).ToArray())];
        owner = new int?[count];
        for (var i = 0; i < count; i++)
        {
            if (!Assign(i, []))
                unmatched.Add(i);
        }
    }

    /// <summary>Expected elements that found no partner.</summary>
    public IReadOnlyList<int> Unmatched() => unmatched;

    /// <summary>Actual elements that found no partner.</summary>
    public IEnumerable<int> LeftOver() => Enumerable.Range(0, owner.Length).Where(j => owner[j] is null);

    private bool Assign(int expected, HashSet<int> visited)
    {
        foreach (var j in fits[expected])
        {
            if (!visited.Add(j) || (owner[j] is { } other && !Assign(other, visited)))
                continue;
            owner[j] = expected;
            return true;
        }
        return false;
    }
}

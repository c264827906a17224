namespace ModelRegistry.Server.GarbageCollection;

/// <summary>Finds out, for a block of candidates, which of their files live things point at.</summary>
internal sealed class Overlaps
{
    private readonly Dictionary<string, List<Candidate>> byKey = [];
    private readonly Dictionary<string, List<Candidate>>.AlternateLookup<ReadOnlySpan<char>> byPrefix;
    private readonly Dictionary<(string Kind, string Id), Candidate> byId = [];
    private readonly List<string> sorted;
    private readonly LocationKeys keys;

    public Overlaps(LocationKeys keys, IEnumerable<Candidate> block)
    {
        this.keys = keys;
        byPrefix = byKey.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var candidate in block)
        {
            byId[(candidate.Kind, candidate.Id)] = candidate;
            if (keys.Of(candidate.Workspace, candidate.Location) is not { } key)
                continue;
            if (!byKey.TryGetValue(key, out var same))
                byKey.Add(key, same = []);
            same.Add(candidate);
        }

        sorted = [.. byKey.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>Lets the candidates keep what <paramref name="live"/> points at, unless it is one of them.</summary>
    public void Note(LiveLocation live)
    {
        if (live.Uri is null || byId.ContainsKey((live.Kind, live.Id)) || TryNoteEntity(live.Uri))
            return;
        if (keys.Of(live.Workspace, live.Uri) is not { } key)
            return;
        HoldBelow(key);
        HoldAround(key);
    }

    /// <summary>Sources that name a run or a logged model instead of a place: <c>runs:/ID/path</c>, <c>models:/m-ID</c>.</summary>
    private bool TryNoteEntity(string uri)
    {
        var (kind, rest) = uri switch
        {
            _ when uri.StartsWith("runs:/", StringComparison.Ordinal) => (Kind.Run, uri["runs:/".Length..]),
            _ when uri.StartsWith("models:/", StringComparison.Ordinal) => (Kind.LoggedModel, uri["models:/".Length..]),
            _ => (null, ""),
        };
        if (kind is null)
            return false;
        var parts = rest.Trim('/').Split('/', 2);
        if (byId.TryGetValue((kind, parts[0]), out var candidate))
            candidate.Hold(parts is [_, var below] ? below : "");
        return true;
    }

    /// <summary>The live place is a candidate's folder or in it.</summary>
    private void HoldBelow(string key)
    {
        for (var end = key.IndexOf('/', StringComparison.Ordinal); end >= 0; end = key.IndexOf('/', end + 1))
            Hold(key.AsSpan(0, end), key[(end + 1)..]);
        Hold(key, "");
    }

    /// <summary>The live place is a folder that holds a candidate's.</summary>
    private void HoldAround(string key)
    {
        var start = sorted.BinarySearch(key + "/", StringComparer.Ordinal);
        for (var i = start < 0 ? ~start : start; i < sorted.Count && sorted[i].StartsWith(key + "/", StringComparison.Ordinal); i++)
            Hold(sorted[i], "");
    }

    private void Hold(ReadOnlySpan<char> prefix, string below)
    {
        if (!byPrefix.TryGetValue(prefix, out var candidates))
            return;
        foreach (var candidate in candidates)
            candidate.Hold(below);
    }
}

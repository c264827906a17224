namespace ModelRegistry.Server.GarbageCollection;

/// <summary>What can be deleted for good, by the names that messages give it.</summary>
internal static class Kind
{
    public const string Run = "Run";
    public const string LoggedModel = "Logged model";
    public const string Trace = "Trace";
    public const string Version = "Model version";
    public const string Experiment = "Experiment";
    public const string Job = "Job";
    public const string Upload = "Unfinished upload";
}

/// <summary>Something deleted whose artifacts and rows are to go.</summary>
/// <param name="Kind">One of <see cref="GarbageCollection.Kind"/>.</param>
/// <param name="Location">URI of its folder of artifacts; null for none.</param>
internal sealed record Candidate(string Kind, string Id, string? Location, string Workspace)
{
    /// <summary>Below its folder: what live things point at, relative; an empty text stands for all of it. Null for nothing.</summary>
    public HashSet<string>? Held { get; private set; }

    public bool IsHeldWhole => Held?.Contains("") == true;

    public void Hold(string below) => (Held ??= []).Add(below);

    /// <summary>Whether somebody points at this file or at a folder above it.</summary>
    /// <param name="file">Relative to the folder.</param>
    public bool IsHeld(string file)
    {
        if (Held is null)
            return false;
        if (Held.Contains(file) || Held.Contains(""))
            return true;
        for (var slash = file.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = file.IndexOf('/', slash + 1))
        {
            if (Held.Contains(file[..slash]))
                return true;
        }

        return false;
    }
}

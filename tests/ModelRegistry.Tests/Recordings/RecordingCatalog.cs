namespace ModelRegistry.Tests.Recordings;

/// <summary>The files under <c>compat-tests/recordings</c>.</summary>
internal static class RecordingCatalog
{
    private static readonly string Folder = FindFolder();

    public static IReadOnlyList<Recording> All { get; } = ReadAll();

    public static PendingRecordings Pending { get; } = PendingRecordings.Parse(ReadText("pending.json"));

    public static AllowedDifferences Allowed { get; } = AllowedDifferences.Parse(ReadText("allowed-differences.json"));

    /// <summary>Those besides where the artifacts are in Azure Blob Storage.</summary>
    public static AllowedDifferences AllowedOnAzure { get; } = AllowedDifferences.Parse(ReadText("allowed-differences-azure.json"));

    public static Recording Get(string fullName) => All.Single(recording => recording.FullName == fullName);

    private static List<Recording> ReadAll() =>
    [
        .. from area in Directory.EnumerateDirectories(Folder)
           from file in Directory.EnumerateFiles(area, "*.json")
           orderby file
           select Read(file),
    ];

    private static Recording Read(string file)
    {
        var recording = Recording.Parse(File.ReadAllText(file));
        var place = Path.GetRelativePath(Folder, file).Replace('\\', '/');
        return place == $"{recording.FullName}.json" ? recording : throw new FormatException($"{place} says that it is {recording.FullName}.");
    }

    private static string ReadText(string name) => File.ReadAllText(Path.Combine(Folder, name));

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "compat-tests", "recordings");
            if (Directory.Exists(candidate))
                return candidate;
        }
        throw new DirectoryNotFoundException($"No compat-tests/recordings above {AppContext.BaseDirectory}.");
    }
}

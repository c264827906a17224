using System.Text.RegularExpressions;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>Who may use whom, read from the sources; the table is explained in <c>docs/architecture.md</c>.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxLines = 500;
    private const string Server = "src/ModelRegistry.Server";

    /// <summary>The files beside the folders: the composition root and the commands, which use everything and nobody uses.</summary>
    private const string Root = "(root)";

    /// <summary>Folder of the server -> folders it may use. What is not here is forbidden.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Errors"] = [],
        ["Python"] = ["Errors"],
        ["Http"] = ["Errors", "Python", "Data"],
        ["Data"] = ["Errors"],
        ["Filtering"] = ["Errors", "Python"],
        ["Search"] = ["Errors", "Python", "Data", "Filtering"],
        ["Caching"] = ["Errors", "Python", "Data"],
        ["Hosting"] = ["Errors", "Python", "Data", "Caching"],
        ["Auth"] = ["Errors", "Python", "Http", "Data", "Hosting"],
        ["Audit"] = ["Data"],
        ["Registry"] = ["Audit", "Errors", "Python", "Http", "Data", "Caching", "Filtering", "Search", "Hosting", "Webhooks", "Auth"],
        ["Tracking"] = ["Audit", "Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Webhooks"] = ["Audit", "Errors", "Python", "Http", "Data", "Search", "Hosting", "Auth"],
        ["Evaluation"] = ["Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Traces"] = ["Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Artifacts"] = ["Errors", "Python", "Http", "Data", "Search", "Hosting", "Auth"],
        ["Workspaces"] = ["Audit", "Errors", "Python", "Http", "Data", "Caching", "Hosting", "Auth"],
        ["Observability"] = ["Errors", "Python", "Http", "Data", "Hosting", "Auth", "Artifacts"],
        ["GarbageCollection"] = ["Errors", "Python", "Http", "Data", "Hosting", "Artifacts"],
        ["OpenApi"] = ["Errors", "Http", "Hosting", "Auth"],
        ["Ui"] = ["Errors", "Python", "Http", "Data", "Hosting", "Auth"],
        [Root] =
        [
            "Errors", "Http", "Data", "Audit", "Hosting", "Auth", "Registry", "Tracking", "Webhooks", "Evaluation", "Traces", "Artifacts", "Workspaces",
            "Observability", "GarbageCollection", "OpenApi", "Ui",
        ],
    };

    /// <summary>The types through which one area may look at another.</summary>
    private static readonly Dictionary<string, string[]> Doors = new()
    {
        ["Tracking"] = ["RunLocator", "RunLocation", "LoggedModelLocator", "LoggedModelLocation", "ExperimentLocator", "ExperimentLocation", "ArtifactLocation", "PurgeClaims", "TrackingWriter", "TrackingChange"],
        ["Traces"] = ["TraceLocator", "TraceLocation"],
        ["Registry"] = ["VersionLocator", "VersionLocation", "VersionIntegrity", "VersionSelection"],
        ["Artifacts"] = ["RunArtifactWriter"],
    };

    /// <summary>Who writes to a database: the writers, and what keeps books of its own that nobody decides about.</summary>
    private static readonly string[] Writers =
    [
        "Registry/RegistryWriter.cs", "Tracking/TrackingWriter.cs", "Audit/ChangeWriter.cs",
        "Artifacts/Integrity/ArtifactLedger.cs", // What uploads have left, file by file.
        "Caching/Redis/CacheState.cs", // The replicas' agreement on the cache they share.
        "GarbageCollection/", // Rows of what a recorded change has deleted, in bulk; mr_purges says which.
        "Webhooks/DeliveryStore.cs", // The queue of deliveries.
        "Workspaces/WorkspaceStore.cs", // The default workspace, at the first start.
        "Workspaces/WorkspaceRemoval.cs", // The registry's part of a removal; the removal itself is recorded with the other part.
    ];

    private static readonly List<SourceFile> Sources = [.. Read(Server)];

    private static readonly ILookup<string, string> Types = Sources
        .SelectMany(source => Declaration().Matches(source.Text), (source, match) => (source.Folder, Type: match.Groups[1].Value))
        .Distinct()
        .ToLookup(declared => declared.Folder, declared => declared.Type);

    [Fact]
    public void Every_folder_has_its_row_in_the_table() =>
        Assert.Equal(MayUse.Keys.Order(), Sources.Select(source => source.Folder).Distinct().Order());

    [Fact]
    public void A_folder_uses_only_those_that_the_table_names()
    {
        var breaches =
            from source in Sources
            from folder in MayUse.Keys
            where folder != source.Folder && !MayUse[source.Folder].Contains(folder)
            from type in Types[folder].Except(Doors.GetValueOrDefault(folder) ?? [])
            where source.Names(folder, type)
            select $"{source.Path} uses {folder}.{type}";

        Assert.Empty(breaches);
    }

    /// <summary>Read from what the files use, the doors too; the table could promise an order that the doors undo.</summary>
    [Fact]
    public void No_folder_leads_back_to_itself()
    {
        var uses = Sources.GroupBy(source => source.Folder).ToDictionary(
            files => files.Key,
            files => MayUse.Keys.Where(folder => folder != files.Key && files.Any(source => Uses(source, folder))).ToList());
        var circle = uses.Keys.Where(folder => Reachable(uses, folder).Contains(folder)).ToList();

        Assert.Empty(
            from source in Sources
            where circle.Contains(source.Folder)
            from folder in uses[source.Folder]
            where circle.Contains(folder) && Uses(source, folder)
            select $"{source.Path} uses {folder}");
    }

    [Fact]
    public void Infrastructure_does_not_know_http_and_http_does_not_know_sql()
    {
        var data = Sources.Where(source => source.Folder is "Data" or "Filtering" && source.Text.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
        var http = Sources.Where(source => source.Folder is "Http" && source.Text.Contains("Dapper", StringComparison.Ordinal));

        Assert.Empty(data.Concat(http).Select(source => source.Path));
    }

    [Fact]
    public void Stores_do_not_know_http() =>
        Assert.Empty(
            Sources.Where(source => Store().IsMatch(source.Path) && Regex.IsMatch(source.Code, @"ModelRegistry\.Server\.Http\b|\bHttpContext\b"))
                .Select(source => source.Path));

    [Fact]
    public void What_is_changed_is_changed_by_a_writer() =>
        Assert.DoesNotContain(
            Sources.Where(source => source.Folder != "Data" && Regex.IsMatch(source.Code, @"\b(?:[dD]atabase|stores\.(?:Tracking|Registry))\.WriteAsync\b(?!\{)"))
                .Select(source => source.Path[(Server.Length + 1)..]),
            path => !Writers.Any(writer => path.StartsWith(writer, StringComparison.Ordinal)));

    [Fact]
    public void Transactions_begin_in_one_folder() =>
        Assert.All(Sources.Where(source => source.Code.Contains("BeginTransaction", StringComparison.Ordinal)), source => Assert.Equal("Data", source.Folder));

    [Fact]
    public void No_file_is_longer_than_the_limit() =>
        Assert.Empty(Read("src").Concat(Read("tests")).Where(file => file.Text.Count(c => c == '\n') > MaxLines).Select(file => file.Path));

    [Fact]
    public void Nothing_is_left_for_later_and_nothing_is_folded_away() =>
        Assert.Empty(Read("src").Concat(Read("tests")).Where(file => Unwanted().IsMatch(file.Text)).Select(file => file.Path));

    /// <summary>An import counts by itself: what it is for may be an extension method, or inside an interpolated string.</summary>
    private static bool Uses(SourceFile source, string folder) =>
        source.Imports.Contains(folder) || Types[folder].Any(type => source.Names(folder, type));

    private static HashSet<string> Reachable(Dictionary<string, List<string>> uses, string from)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([from]);
        while (open.TryPop(out var folder))
        {
            foreach (var next in uses[folder].Where(reached.Add))
                open.Push(next);
        }

        return reached;
    }

    private static IEnumerable<SourceFile> Read(string folder) =>
        from path in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        select new SourceFile(relative, Area(relative), File.ReadAllText(path));

    private static string Area(string path)
    {
        var parts = path.Split('/');
        return path.StartsWith(Server + "/", StringComparison.Ordinal) && parts.Length > 3 ? parts[2] : Root;
    }

    [GeneratedRegex(@"^internal (?:[a-z]+ )*(?:class|record|record struct|struct|enum|interface|delegate \S+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?m)^\s*#(?:end)?region\b|\bTO[D]O\b|\bFIX[M]E\b|\bHAC[K]\b")]
    private static partial Regex Unwanted();

    [GeneratedRegex(@"(?:Store|Search|Locator)\.cs$")]
    private static partial Regex Store();

    [GeneratedRegex("""(?m)"[^"\n]*"|//.*$""")]
    private static partial Regex Prose();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?ModelRegistry\.Server\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?:using|namespace) .*$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"(?<![.\w])\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(\w+)\.(?=(\w+))")]
    private static partial Regex Qualified();

    private sealed record SourceFile(string Path, string Folder, string Text)
    {
        private HashSet<string>? names;

        /// <summary>The text without comments and one-line strings, which may hold any word.</summary>
        public string Code { get; } = Prose().Replace(Text, "");

        /// <summary>The folders whose namespaces, or those below them, are imported.</summary>
        public HashSet<string> Imports { get; } = [.. Import().Matches(Text).Select(match => match.Groups[1].Value)];

        /// <summary>Whether the namespace is imported and the type named, or the type is named with the end of its namespace.</summary>
        public bool Names(string folder, string type)
        {
            names ??= FindNames(Directive().Replace(Code, ""));

            // The namespace of the root is around every other.
            return names.Contains($"{folder}.{type}") || ((folder == Root || Imports.Contains(folder)) && names.Contains(type));
        }

        private static HashSet<string> FindNames(string code) =>
        [
            .. Word().Matches(code).Select(match => match.Value),
            .. Qualified().Matches(code).Select(match => $"{match.Groups[1].Value}.{match.Groups[2].Value}"),
        ];
    }
}

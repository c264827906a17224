using System.Text.RegularExpressions;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>Who may use whom, read from the sources; the table is explained in <c>docs/architecture.md</c>.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaxLines = 500;
    private const string Server = "src/ModelRegistry.Server";

    /// <summary>Folder of the server -> folders it may use. What is not here is forbidden.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Errors"] = [],
        ["Python"] = ["Errors"],
        ["Http"] = ["Errors", "Python"],
        ["Data"] = ["Errors"],
        ["Filtering"] = ["Errors", "Python"],
        ["Search"] = ["Errors", "Python", "Data", "Filtering"],
        ["Caching"] = ["Errors", "Python", "Data"],
        ["Hosting"] = ["Errors", "Python", "Data", "Caching"],
        ["Auth"] = ["Errors", "Python", "Http", "Data", "Hosting"],
        ["Registry"] = ["Errors", "Python", "Http", "Data", "Caching", "Filtering", "Search", "Hosting", "Webhooks", "Auth"],
        ["Tracking"] = ["Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Webhooks"] = ["Errors", "Python", "Http", "Data", "Search", "Hosting", "Auth"],
        ["Evaluation"] = ["Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Traces"] = ["Errors", "Python", "Http", "Data", "Filtering", "Search", "Hosting", "Auth"],
        ["Artifacts"] = ["Errors", "Python", "Http", "Data", "Search", "Hosting", "Auth"],
        ["Workspaces"] = ["Errors", "Python", "Http", "Data", "Caching", "Hosting", "Auth"],
        ["Observability"] = ["Errors", "Python", "Http", "Data", "Hosting", "Auth", "Artifacts"],
        ["GarbageCollection"] = ["Errors", "Python", "Http", "Data", "Hosting", "Artifacts"],
        ["Ui"] = ["Errors", "Python", "Http", "Data", "Hosting", "Auth"],
    };

    /// <summary>The types through which one area may look at another.</summary>
    private static readonly Dictionary<string, string[]> Doors = new()
    {
        ["Tracking"] = ["RunLocator", "RunLocation", "LoggedModelLocator", "LoggedModelLocation", "ExperimentLocator", "ExperimentLocation", "ArtifactLocation", "PurgeClaims"],
        ["Traces"] = ["TraceLocator", "TraceLocation"],
        ["Registry"] = ["VersionLocator", "VersionLocation", "VersionIntegrity", "VersionSelection"],
        ["Artifacts"] = ["RunArtifactWriter"],
    };

    private static readonly List<SourceFile> Sources = [.. Read(Server)];

    [Fact]
    public void Every_folder_has_its_row_in_the_table() =>
        Assert.Equal(MayUse.Keys.Order(), Sources.Select(source => source.Folder).Where(folder => folder.Length > 0).Distinct().Order());

    [Fact]
    public void A_folder_uses_only_those_that_the_table_names()
    {
        var breaches =
            from source in Sources
            where source.Folder.Length > 0
            from folder in MayUse.Keys
            where folder != source.Folder && !MayUse[source.Folder].Contains(folder)
            from type in Types(folder).Except(Doors.GetValueOrDefault(folder) ?? [])
            where Uses(source, folder, type)
            select $"{source.Path} uses {folder}.{type}";

        Assert.Empty(breaches);
    }

    [Fact]
    public void Infrastructure_does_not_know_http_and_http_does_not_know_sql()
    {
        var data = Sources.Where(source => source.Folder is "Data" or "Filtering" && source.Text.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
        var http = Sources.Where(source => source.Folder is "Http" && source.Text.Contains("Dapper", StringComparison.Ordinal));

        Assert.Empty(data.Concat(http).Select(source => source.Path));
    }

    [Fact]
    public void Every_write_of_the_registry_goes_through_its_cache() =>
        Assert.Equal(
            ["src/ModelRegistry.Server/Registry/ModelCache.cs"],
            Sources.Where(source => source.Folder == "Registry" && source.Code.Contains("database.WriteAsync", StringComparison.Ordinal)).Select(source => source.Path));

    [Fact]
    public void No_file_is_longer_than_the_limit() =>
        Assert.Empty(Read("src").Concat(Read("tests")).Where(file => file.Text.Count(c => c == '\n') > MaxLines).Select(file => file.Path));

    [Fact]
    public void Nothing_is_left_for_later_and_nothing_is_folded_away() =>
        Assert.Empty(Read("src").Concat(Read("tests")).Where(file => Unwanted().IsMatch(file.Text)).Select(file => file.Path));

    /// <summary>Whether the namespace is imported and the type named, or the type is named with the end of its namespace.</summary>
    private static bool Uses(SourceFile source, string folder, string type) =>
        (source.Code.Contains($"using ModelRegistry.Server.{folder}", StringComparison.Ordinal) && Regex.IsMatch(source.Code, $@"(?<![.\w]){type}\b"))
        || Regex.IsMatch(source.Code, $@"(?<!using [\w.]*)\b{folder}\.{type}\b");

    private static IEnumerable<string> Types(string folder) =>
        Sources.Where(source => source.Folder == folder).SelectMany(source => Declaration().Matches(source.Text)).Select(match => match.Groups[1].Value).Distinct();

    private static IEnumerable<SourceFile> Read(string folder) =>
        from path in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        select new SourceFile(relative, Area(relative), File.ReadAllText(path));

    private static string Area(string path)
    {
        var parts = path.Split('/');
        return path.StartsWith(Server + "/", StringComparison.Ordinal) && parts.Length > 3 ? parts[2] : "";
    }

    [GeneratedRegex(@"^internal (?:[a-z]+ )*(?:class|record|record struct|struct|enum|interface|delegate \S+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(?m)^\s*#(?:end)?region\b|\bTO[D]O\b|\bFIX[M]E\b|\bHAC[K]\b")]
    private static partial Regex Unwanted();

    [GeneratedRegex("""(?m)"[^"\n]*"|//.*$""")]
    private static partial Regex Prose();

    private sealed record SourceFile(string Path, string Folder, string Text)
    {
        /// <summary>The text without comments and one-line strings, which may hold any word.</summary>
        public string Code { get; } = Prose().Replace(Text, "");
    }
}

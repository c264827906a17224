using System.Runtime.CompilerServices;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>Reads the tables of paths; lines starting with <c># </c> are headings.</summary>
internal static class ArtifactCases
{
    public static TheoryData<string> Refused() => [.. Lines("refused")];

    public static TheoryData<string, string> Accepted()
    {
        var data = new TheoryData<string, string>();
        foreach (var line in Lines("accepted"))
        {
            var arrow = line.IndexOf(" =>", StringComparison.Ordinal);
            data.Add(line[..arrow], line[(arrow + 3)..].Trim());
        }

        return data;
    }

    private static IEnumerable<string> Lines(string name) =>
        File.ReadLines(Path.Combine(Folder(), $"{name}.txt")).Where(line => line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal));

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "cases");
}

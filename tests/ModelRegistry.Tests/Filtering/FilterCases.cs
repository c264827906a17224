using System.Runtime.CompilerServices;
using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Python;
using Xunit;

namespace ModelRegistry.Tests.Filtering;

/// <summary>
/// Reads a table of cases: <c>input => tree</c>, <c>input => ! message</c> (invalid parameter) or <c>input => !! message</c> (internal
/// error), one per line. Lines starting with <c># </c> are headings.
/// </summary>
internal static class FilterCases
{
    private const string Arrow = " =>";

    public static TheoryData<string, string> Read(string name)
    {
        var data = new TheoryData<string, string>();
        foreach (var line in File.ReadLines(Path.Combine(Folder(), $"{name}.txt")))
        {
            if (line.Length == 0 || line.StartsWith("# ", StringComparison.Ordinal)) continue;
            var arrow = line.IndexOf(Arrow, StringComparison.Ordinal);
            data.Add(line[..arrow], line[(arrow + Arrow.Length)..].Trim());
        }

        return data;
    }

    public static string Print(Func<IReadOnlyList<BoundComparison>> bind) => Print(() => string.Join(" & ", bind().Select(Print)));

    public static string Print(Func<IReadOnlyList<OrderTerm>> bind) => Print(() => string.Join(" & ", bind().Select(Print)));

    private static string Print(Func<string> print)
    {
        try
        {
            return print();
        }
        catch (FilterException exception)
        {
            return (exception.Kind == FilterErrorKind.Internal ? "!! " : "! ") + exception.Message;
        }
    }

    private static string Print(BoundComparison comparison)
    {
        var value = comparison switch
        {
            { IsNullCheck: true } => "",
            { List: { } list } => " " + PythonText.Repr(list),
            { Number: not null } => " " + comparison.Text,
            _ => " " + PythonText.Repr(comparison.Text!),
        };
        return $"{comparison.Kind.Name()} {comparison.Key} {comparison.Comparator}{value}";
    }

    private static string Print(OrderTerm term) => $"{term.Kind.Name()} {term.Key} {(term.Ascending ? "asc" : "desc")}";

    private static string Folder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "cases");
}

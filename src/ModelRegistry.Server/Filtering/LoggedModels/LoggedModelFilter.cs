using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Filtering.LoggedModels;

/// <summary>Filter of logged-models/search: a stricter grammar, checked comparison by comparison from the left.</summary>
internal static partial class LoggedModelFilter
{
    private const string TextOperators = "('=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN')";

    private static readonly FrozenDictionary<string, EntityKind> Entities = new Dictionary<string, EntityKind>
    {
        ["attributes"] = EntityKind.Attribute,
        ["metrics"] = EntityKind.Metric,
        ["params"] = EntityKind.Parameter,
        ["tags"] = EntityKind.Tag,
    }.ToFrozenDictionary();

    public static IReadOnlyList<BoundComparison> Bind(string? filter)
    {
        if (string.IsNullOrEmpty(filter)) return [];

        var comparisons = new List<BoundComparison>();
        foreach (var node in ComparisonJoiner.Join(ReadStatement(filter)))
        {
            if (node.Kind == NodeKind.Comparison) comparisons.Add(BindOne(node));
            else if (!node.Text.Trim().Equals("AND", StringComparison.OrdinalIgnoreCase)) throw NotComparisons(filter);
        }

        foreach (var comparison in comparisons) CheckQuery(comparison);
        return comparisons;
    }

    private static IReadOnlyList<FilterNode> ReadStatement(string filter)
    {
        var statement = FilterStatement.Read(filter);
        return statement.Count switch
        {
            StatementCount.One => statement.Nodes,
            StatementCount.TooLarge => throw new FilterException($"Invalid filter string: {PythonText.Repr(filter)}. Too many tokens."),
            _ => throw new FilterException($"Invalid filter string: {PythonText.Repr(filter)}. Expected a single SQL expression."),
        };
    }

    private static FilterException NotComparisons(string filter) => new(
        $"Invalid filter string: {PythonText.Repr(filter)}. Expected a list of comparisons separated by 'AND' "
        + "(e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').");

    private static BoundComparison BindOne(FilterNode node)
    {
        if (node.Parts.Count != 3)
            throw new FilterException($"Invalid comparison: {node.Text}. Expected a comparison with 3 tokens.");

        var (kind, key) = ReadIdentifier(node.Parts[0].Text);
        var bound = new BoundComparison(kind, key, node.Parts[1].Text);
        var isNumeric = kind == EntityKind.Metric || (kind == EntityKind.Attribute && LoggedModelFields.IsNumeric(key));
        var valid = isNumeric ? FilterValues.NumericComparators : FilterValues.TextOrListComparators;
        if (!valid.Contains(bound.Comparator))
        {
            throw new FilterException(
                $"Invalid comparison operator for {EntityName(kind)}.{key}: {PythonText.Repr(bound.Comparator)}. "
                + $"Expected one of {TextOperators}.");
        }

        return isNumeric ? ReadNumber(bound, node.Parts[2].Text) : ReadText(bound, node.Parts[2].Text);
    }

    private static (EntityKind Kind, string Key) ReadIdentifier(string text)
    {
        if (EntityPattern().Match(text) is not { Success: true } match)
            return (EntityKind.Attribute, LoggedModelFields.Canonical(text).Trim('`'));

        var entity = match.Groups[1].Value;
        return Entities.TryGetValue(entity, out var kind)
            ? (kind, match.Groups[2].Value.Trim('`'))
            : throw new FilterException(
                $"Invalid entity type: {PythonText.Repr(entity)}. Expected one of ['attributes', 'metrics', 'params', 'tags'].");
    }

    private static string EntityName(EntityKind kind) => Entities.First(entity => entity.Value == kind).Key;

    private static BoundComparison ReadNumber(BoundComparison comparison, string text)
    {
        double? special = text.ToLowerInvariant() switch
        {
            "nan" => double.NaN,
            "inf" or "infinity" => double.PositiveInfinity,
            _ => null,
        };
        var bound = comparison.WithNumber(text);
        if (special is not null) return bound with { Number = special };
        return bound.Number is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? bound
            : throw new FilterException($"could not convert string to float: {PythonText.Repr(text)}", FilterErrorKind.Internal);
    }

    /// <summary>Only single quotes are stripped, and all of them; so a double-quoted value keeps its quotes.</summary>
    private static BoundComparison ReadText(BoundComparison comparison, string written)
    {
        var text = written.Trim('\'');
        if (!text.StartsWith('(') || !text.EndsWith(')')) return comparison.WithText(text);

        if (PythonLiteral.ParseOrNull(text) is not { } value)
            throw new FilterException($"invalid syntax: {text}", FilterErrorKind.Internal);
        return value is { Items: null, Text: null }
            ? comparison.WithText(value.Repr)
            : comparison with { List = [.. (value.Items ?? [value]).Select(item => item.Text ?? item.Repr)] };
    }

    /// <summary>What only the query can fail on; so any malformed comparison of the filter is reported first.</summary>
    private static void CheckQuery(BoundComparison comparison)
    {
        if (comparison.Kind == EntityKind.Attribute && !LoggedModelFields.IsColumn(comparison.Key))
            throw new FilterException($"type object 'SqlLoggedModel' has no attribute '{comparison.Key}'", FilterErrorKind.Internal);

        var wantsList = comparison.Comparator is "IN" or "NOT IN";
        if (wantsList == comparison.List is not null) return;
        var found = wantsList ? "a single value" : "a list of values";
        throw new FilterException($"Comparator '{comparison.Comparator}' does not support {found}");
    }

    [GeneratedRegex(@"\A([a-z]+)\.([^\n]+)\n?\z", RegexOptions.CultureInvariant)]
    private static partial Regex EntityPattern();
}

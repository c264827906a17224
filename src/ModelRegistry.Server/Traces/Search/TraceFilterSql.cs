using ModelRegistry.Server.Data;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Vocabularies;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Traces.Assessments;

namespace ModelRegistry.Server.Traces.Search;

/// <summary>Conditions of a trace search as SQL over <c>trace_info t</c>.</summary>
/// <param name="values">Takes the values; several filters of one statement share it.</param>
internal sealed class TraceFilterSql(SqlDialect dialect, SearchConditions values)
{
    /// <summary>Name of the parameter with the experiments that are searched.</summary>
    public const string Experiments = "experiments_";

    private const string SessionKey = $"\"key\" = '{TraceKeys.Session}'";

    /// <summary>The conditions with AND between; true for none. <see cref="Experiments"/> must be among the parameters.</summary>
    public string Build(IReadOnlyList<BoundComparison> filter)
    {
        var conditions = filter.Where(one => one.Kind != EntityKind.Span).Select(Condition).ToList();
        var spans = filter.Where(one => one.Kind == EntityKind.Span).Select(SpanCondition).ToList();
        // One and the same span has to fulfil them all.
        if (spans.Count > 0)
            conditions.Add($"EXISTS (SELECT 1 FROM spans s WHERE s.trace_id = t.request_id AND {string.Join(" AND ", spans)})");
        return conditions.Count == 0 ? "1 = 1" : string.Join(" AND ", conditions);
    }

    private string Condition(BoundComparison one) => one.Kind switch
    {
        EntityKind.Attribute => Attribute(one),
        EntityKind.Tag when one.Key == TraceVocabulary.PromptTag => Link("prompt_version", one.Text!),
        EntityKind.RequestMetadata when one is { Key: TraceVocabulary.SourceRunKey, Comparator: "=" } =>
            $"({Link("run", one.Text!)} OR {Item("trace_request_metadata", one)})",
        EntityKind.Tag => Item("trace_tags", one),
        EntityKind.RequestMetadata => Item("trace_request_metadata", one),
        EntityKind.Issue => $"EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id AND a.assessment_type = 'issue' AND a.name = {values.Parameter(one.Text)})",
        _ => Assessment(one),
    };

    private string Attribute(BoundComparison one) => one.Key switch
    {
        "end_time_ms" => values.Number("(t.timestamp_ms + COALESCE(t.execution_time_ms, 0))", one),
        "timestamp_ms" or "execution_time_ms" => values.Number($"t.{one.Key}", one),
        _ => values.Text($"t.{one.Key}", one),
    };

    private string Link(string type, string id) =>
        "EXISTS (SELECT 1 FROM entity_associations l WHERE l.source_type = 'trace' AND l.source_id = t.request_id"
        + $" AND l.destination_type = '{type}' AND l.destination_id = {values.Parameter(id)})";

    private string Item(string table, BoundComparison one)
    {
        var keyed = $"SELECT 1 FROM {table} i WHERE i.request_id = t.request_id AND {dialect.TextEquals("i.\"key\"", values.Parameter(one.Key))}";
        return one.Comparator switch
        {
            "IS NULL" => $"NOT EXISTS ({keyed})",
            "IS NOT NULL" => $"EXISTS ({keyed})",
            _ => $"EXISTS ({keyed} AND {values.Text("i.value", one)})",
        };
    }

    private string SpanCondition(BoundComparison one)
    {
        if (!one.Key.StartsWith(TraceVocabulary.SpanAttributePrefix, StringComparison.Ordinal))
            return values.Text($"s.{one.Key}", one);
        var name = Unquote(one.Key[TraceVocabulary.SpanAttributePrefix.Length..]);
        var value = one.List is null ? one.Text! : $"({string.Join(", ", one.List)})";
        // Attributes are not apart from the rest of a span; they are looked for in its text, as MLflow does.
        var pattern = one.Comparator == "RLIKE" ? AttributeRegex(name, value) : $"%\"{name}\"{value}%";
        return values.Text("s.content", one with { Text = pattern, List = one.List is null ? null : [pattern] });
    }

    /// <summary>In the span's text the value is JSON in JSON: it begins and ends with an escaped quote.</summary>
    private static string AttributeRegex(string name, string value)
    {
        var start = value.StartsWith('^') ? "\"\\\\\"" : "\"\\\\\".*";
        var end = value.EndsWith('$') ? "\\\\\"" : "";
        return $"\"{name}\": {start}{value[(value.StartsWith('^') ? 1 : 0)..].TrimEnd(end.Length > 0 ? '$' : '\0')}{end}";
    }

    private static string Unquote(string name) => name.Length > 1 && name[0] == '`' && name[^1] == '`' ? name[1..^1] : name;

    /// <summary>An assessment that is about a whole session counts for every trace of the session.</summary>
    private string Assessment(BoundComparison one)
    {
        var type = one.Kind == EntityKind.Feedback ? AssessmentTypes.Feedback : AssessmentTypes.Expectation;
        var matches = $"a.assessment_type = '{type}' AND a.name = {values.Parameter(one.Key)} AND a.valid = 1";
        if (!one.IsNullCheck)
            matches += $" AND {CompareJson("a.value", one)}";
        var isSession = dialect.Like("a.assessment_metadata", values.Parameter($"%\"{TraceKeys.Session}\":%"));
        var found =
            $"""
            (EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id AND {matches})
            OR t.request_id IN (
                SELECT m.request_id FROM trace_request_metadata m WHERE m.{SessionKey} AND m.value IN (
                    SELECT s.value FROM trace_request_metadata s
                    JOIN trace_info st ON st.request_id = s.request_id
                    JOIN assessments a ON a.trace_id = s.request_id
                    WHERE s.{SessionKey} AND st.experiment_id IN @{Experiments} AND {matches} AND {isSession})))
            """;
        return one.Comparator == "IS NULL" ? $"NOT {found}" : found;
    }

    /// <summary>The column holds JSON: a value matches as the text it is, or as the JSON text of it.</summary>
    private string CompareJson(string column, BoundComparison one)
    {
        if (one.Comparator is not ("=" or "!="))
            return values.Text(column, one);
        var either = $"({dialect.TextEquals(column, values.Parameter(one.Text))} OR {dialect.TextEquals(column, values.Parameter(PythonText.CompactJson(one.Text!)))})";
        return one.Comparator == "=" ? either : $"NOT {either}";
    }
}

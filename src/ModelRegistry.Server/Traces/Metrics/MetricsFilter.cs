using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Lexing;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>The filters of traces/metrics: one equality each, such as <c>trace.metadata.`mlflow.sourceRun` = "…"</c>.</summary>
internal static class MetricsFilter
{
    /// <summary>What can be compared, by view, and whether it needs a key.</summary>
    private static readonly OrderedDictionary<string, OrderedDictionary<string, bool>> Entities = new()
    {
        ["trace"] = new() { ["status"] = false, ["tag"] = true, ["metadata"] = true },
        ["span"] = new() { ["name"] = false, ["status"] = false, ["type"] = false },
        ["assessment"] = new() { ["name"] = false, ["type"] = false },
    };

    /// <summary>SQL for one filter; its values go into the parameters under <paramref name="name"/>.</summary>
    /// <exception cref="ApiException">The filter is not of that form, or not for this view.</exception>
    public static string Build(string filter, MetricView view, SqlParameters parameters, string name)
    {
        var (entity, field, key, value) = Read(filter);
        parameters.Add(name, value);
        parameters.Add($"{name}k", key);
        return (entity, field) switch
        {
            ("trace", "status") => $"t.status = @{name}",
            ("trace", "tag") => $"EXISTS (SELECT 1 FROM trace_tags x WHERE x.request_id = t.request_id AND x.\"key\" = @{name}k AND x.value = @{name})",
            ("trace", _) =>
                $"EXISTS (SELECT 1 FROM trace_request_metadata x WHERE x.request_id = t.request_id AND x.\"key\" = @{name}k AND x.value = @{name})",
            ("span", _) when view == MetricView.Spans => $"s.{field} = @{name}",
            ("assessment", _) when view == MetricView.Assessments => $"a.{(field == "type" ? "assessment_type" : field)} = @{name}",
            _ => throw WrongView(entity, view),
        };
    }

    private static (string Entity, string Field, string? Key, string Value) Read(string filter)
    {
        if (FilterParser.Parse(filter, ClauseStyle.Plain).Comparisons is not [var comparison])
            throw ApiException.Invalid($"Invalid filter: '{filter}'. Expected one filter clause.");
        if (!comparison.Left.IsIdentifier)
            throw ApiException.Invalid($"Invalid comparison clause. Expected 'Identifier' found '{comparison.Left.Text}'");
        var (entity, field, key) = Identify(comparison.Left.Text);
        if (comparison.Comparator != "=")
            throw ApiException.Invalid($"Invalid comparator: '{comparison.Comparator}', only '=' operator is supported");
        return comparison.Right is { Kind: LiteralKind.SingleQuoted or LiteralKind.Identifier } literal
            ? (entity, field, key, Quotes.TrimRequired(literal.Text))
            : throw ApiException.Invalid($"Expected a quoted string value for {field} value (e.g. 'my-value'). Got value {comparison.Right?.Text}");
    }

    private static (string Entity, string Field, string? Key) Identify(string identifier)
    {
        var parts = identifier.Split('.', 3);
        if (parts.Length < 2)
        {
            throw ApiException.Invalid(
                $"Invalid identifier {PythonText.Repr(identifier)}. Columns should be specified as 'trace.<key>', 'span.<key>', 'assessment.<key>'.");
        }

        var (entity, field, key) = (Quotes.TrimBackticks(parts[0]), parts[1], parts.Length == 3 ? parts[2] : null);
        if (!Entities.TryGetValue(entity, out var fields))
            throw ApiException.Invalid($"Invalid view type '{entity}'. Valid values are dict_keys({PythonText.Repr(Entities.Keys)})");
        if (!fields.TryGetValue(field, out var needsKey))
        {
            throw ApiException.Invalid(
                $"Invalid entity '{field}' specified for view type '{entity}'. Valid entities are {PythonText.Repr(fields.Keys)}");
        }

        if (needsKey && key is null)
            throw ApiException.Invalid($"Filtering by {field} requires a key, e.g. '{entity}.{field}.<key> = <value>'");
        if (!needsKey && key is not null)
            throw ApiException.Invalid($"Filtering by {field} does not require a key, use '{entity}.{field}' instead");
        return (entity, field, key is null ? null : Quotes.TrimBackticks(Quotes.Trim(key)));
    }

    private static ApiException WrongView(string entity, MetricView view)
    {
        var needed = WireEnumConverter<MetricView>.NameOf(entity == "span" ? MetricView.Spans : MetricView.Assessments);
        return ApiException.Invalid(
            $"Filtering by {entity} is only supported for {needed} view type, got {WireEnumConverter<MetricView>.NameOf(view)}");
    }
}

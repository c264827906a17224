using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.Parsing;

namespace ModelRegistry.Server.Filtering.LoggedModels;

/// <summary>Order of logged-models/search: field names instead of clauses.</summary>
internal static class LoggedModelOrder
{
    /// <summary>An attribute (the key is its column) or a metric.</summary>
    public static OrderTerm Bind(string fieldName, bool ascending)
    {
        var dot = fieldName.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            return fieldName[..dot] == "metrics"
                ? new OrderTerm(EntityKind.Metric, fieldName[(dot + 1)..], ascending)
                : throw new FilterException($"Invalid order by field name: {fieldName}. Only metrics are supported.");
        }

        var column = LoggedModelFields.Canonical(fieldName);
        return LoggedModelFields.IsColumn(column)
            ? new OrderTerm(EntityKind.Attribute, column, ascending)
            : throw new FilterException($"Invalid order by field name: {fieldName}", FilterErrorKind.UnknownAttribute);
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ModelRegistry.Server.Data;

/// <summary>Spans of statements, with the names that OpenTelemetry has for what they say; never the text or its values.</summary>
internal static partial class StatementSpans
{
    /// <summary>The source that has to be listened to for there to be any.</summary>
    public const string SourceName = "ModelRegistry.Server.Data";

    private static readonly ActivitySource Source = new(SourceName);

    /// <returns>null when nobody listens, and outside of requests: what the server does by itself all the time would be traces of one span.</returns>
    public static Activity? Start(string sql, SqlDialect dialect)
    {
        if (!Source.HasListeners() || Activity.Current is null)
            return null;
        var (operation, table) = Summary(sql);
        var span = Source.StartActivity(table.Length == 0 ? operation : $"{operation} {table}", ActivityKind.Client);
        return span is not { IsAllDataRequested: true } ? span : span
            .SetTag("db.system.name", dialect.Name.ToLowerInvariant())
            .SetTag("db.operation.name", operation)
            .SetTag("db.collection.name", table.Length == 0 ? null : table)
            .SetTag("db.query.summary", span.DisplayName);
    }

    /// <summary>What a statement does, and the table that it names first.</summary>
    internal static (string Operation, string Table) Summary(string sql) => (Word().Match(sql).Value.ToUpperInvariant(), Table().Match(sql).Groups[1].Value);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(?:FROM|INTO|UPDATE)\s+""?([a-z_]\w*)", RegexOptions.IgnoreCase)]
    private static partial Regex Table();
}

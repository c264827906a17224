namespace ModelRegistry.Server.Filtering;

/// <summary>What an identifier names. The lower-case names appear in messages.</summary>
internal enum EntityKind
{
    Attribute,
    Metric,
    Parameter,
    Tag,
    Dataset,
    RequestMetadata,
    Span,
    Feedback,
    Expectation,
    Issue,
}

internal static class EntityKindNames
{
    public static string Name(this EntityKind kind) => kind switch
    {
        EntityKind.Attribute => "attribute",
        EntityKind.Metric => "metric",
        EntityKind.Parameter => "parameter",
        EntityKind.Tag => "tag",
        EntityKind.Dataset => "dataset",
        EntityKind.RequestMetadata => "request_metadata",
        EntityKind.Span => "span",
        EntityKind.Feedback => "feedback",
        EntityKind.Expectation => "expectation",
        EntityKind.Issue => "issue",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

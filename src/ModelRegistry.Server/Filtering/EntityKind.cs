namespace ModelRegistry.Server.Filtering;

/// <summary>What an identifier names. The lower-case names appear in messages.</summary>
internal enum EntityKind
{
    Attribute,
    Metric,
    Parameter,
    Tag,
    Dataset,
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
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}

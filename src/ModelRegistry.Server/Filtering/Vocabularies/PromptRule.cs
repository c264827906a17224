namespace ModelRegistry.Server.Filtering.Vocabularies;

/// <summary>Prompts live among registered models under a tag and are hidden unless a filter asks for them.</summary>
/// <param name="Comparisons">The filter to apply: without its prompt conditions when prompts are hidden.</param>
internal sealed record PromptRule(bool HidesPrompts, IReadOnlyList<BoundComparison> Comparisons)
{
    public const string TagKey = "mlflow.prompt.is_prompt";

    public static PromptRule Apply(IReadOnlyList<BoundComparison> comparisons)
    {
        var asks = comparisons.FirstOrDefault(IsPromptCondition) is { } first && AsksForPrompts(first);
        return asks ? new PromptRule(false, comparisons) : new PromptRule(true, [.. comparisons.Where(one => !IsPromptCondition(one))]);
    }

    private static bool IsPromptCondition(BoundComparison comparison) =>
        comparison is { Kind: EntityKind.Tag, Key: TagKey };

    private static bool AsksForPrompts(BoundComparison comparison) => comparison.Comparator switch
    {
        "=" => string.Equals(comparison.Text, "true", StringComparison.OrdinalIgnoreCase),
        "!=" => string.Equals(comparison.Text, "false", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}

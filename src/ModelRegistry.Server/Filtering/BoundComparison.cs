using System.Globalization;

namespace ModelRegistry.Server.Filtering;

/// <summary>A comparison that passed every rule of its area.</summary>
/// <param name="Key">Without quotes; alternative names of an attribute are already replaced by the proper one.</param>
/// <param name="Comparator">In upper case.</param>
internal sealed record BoundComparison(EntityKind Kind, string Key, string Comparator)
{
    /// <summary>The string value without its quotes, or a number as it was written. Null for lists and <c>IS NULL</c>.</summary>
    public string? Text { get; init; }

    /// <summary>Set for metrics and numeric attributes whose value is a number.</summary>
    public double? Number { get; init; }

    /// <summary>The exact number when it is a 64-bit integer.</summary>
    public long? Integer { get; init; }

    /// <summary>Set for <c>IN</c> and <c>NOT IN</c>; may be empty.</summary>
    public IReadOnlyList<string>? List { get; init; }

    public bool IsNullCheck => Comparator is "IS NULL" or "IS NOT NULL";

    public BoundComparison WithText(string text) => this with { Text = text };

    public BoundComparison WithNumber(string text) => this with
    {
        Text = text,
        Number = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
        Integer = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null,
    };
}

using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>
/// What MLflow's handler checks on one field of a call, in the order in which the record declares its properties.
/// Type checks speak only when the body as a whole does not fit the record; <see cref="Be.Required"/> and <see cref="Max"/> always do.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class MustAttribute(Be be) : Attribute
{
    public Be Be { get; } = be;

    /// <summary>Greatest accepted number; above it the answer is the same "Invalid value" text as for a wrong type.</summary>
    public long Max { get; init; } = long.MaxValue;
}

/// <summary>MLflow's field checks, named after what the value must be.</summary>
[Flags]
internal enum Be
{
    Anything = 0,

    /// <summary>Present, not null, not the empty string.</summary>
    Required = 1,
    Text = 2,
    Integer = 4,
    Bool = 8,
    Number = 16,
    List = 32,
    ListOfText = 64,

    /// <summary>The type is looked at before the presence: in a body that does not fit, an absent field then reads as one of a wrong type.</summary>
    TypeFirst = 128,
}

/// <summary>A request with checks that no attribute can say, run right after the field checks.</summary>
internal interface ICheckedRequest
{
    /// <exception cref="ApiException">The request breaks a rule of its call.</exception>
    void Check();
}

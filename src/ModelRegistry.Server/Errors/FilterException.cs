namespace ModelRegistry.Server.Errors;

internal enum FilterErrorKind
{
    InvalidParameter,

    /// <summary>An invalid parameter as well, with an error class of its own on the wire.</summary>
    UnknownAttribute,

    /// <summary>The contract answers 500 INTERNAL_ERROR for this input.</summary>
    Internal,
}

/// <summary>The only exception that leaves this namespace; its message is the contract's message.</summary>
internal sealed class FilterException(string message, FilterErrorKind kind = FilterErrorKind.InvalidParameter) : Exception(message)
{
    public FilterErrorKind Kind { get; } = kind;
}

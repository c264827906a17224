namespace ModelRegistry.Server.Errors;

/// <summary>What a filter or order that cannot be understood means to a client.</summary>
internal static class FilterErrors
{
    public static ApiException? Translate(Exception exception) => exception switch
    {
        FilterException { Kind: FilterErrorKind.InvalidParameter } e => ApiException.Invalid(e.Message),
        FilterException { Kind: FilterErrorKind.UnknownAttribute } e => new ApiException(ErrorCode.UnknownAttribute, e.Message),
        FilterException e => ApiException.Internal(e.Message),
        _ => null,
    };
}

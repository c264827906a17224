namespace ModelRegistry.Server.Http.Json;

/// <summary>The answer of calls that have nothing to say: <c>{}</c>.</summary>
internal sealed record EmptyResponse
{
    public static readonly EmptyResponse Instance = new();
}

/// <summary>The request of calls without parameters.</summary>
internal sealed record EmptyRequest;

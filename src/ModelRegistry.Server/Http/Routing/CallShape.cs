using System.Collections.Frozen;
using System.Reflection;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>
/// What a call reads and writes, for its description at <c>/openapi/v1.json</c>. A route without one is not described.
/// Of the records only the types are kept here: looking into a hundred of them would be felt at start.
/// </summary>
/// <param name="Handler">The method whose doc comment describes the call.</param>
internal sealed record CallShape(MethodInfo Handler)
{
    public const string Json = "application/json";
    public const string Bytes = "application/octet-stream";
    public const string Html = "text/html";

    /// <summary>The record of the request: query parameters of a GET, else the body; null for none.</summary>
    public Type? Request { get; init; }

    /// <summary>The media type of a request that is no JSON.</summary>
    public string? RequestMedia { get; init; }

    /// <summary>The record of the answer; null for one that has no fixed form.</summary>
    public Type? Response { get; init; }

    public string ResponseMedia { get; init; } = Json;

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Query parameters besides those of <see cref="Request"/>.</summary>
    public IReadOnlyList<CallParameter> Query { get; init; } = [];

    public IReadOnlyList<CallParameter> Headers { get; init; } = [];

    /// <summary>The records of refusals that have a form of their own.</summary>
    public IReadOnlyDictionary<int, Type> Refusals { get; init; } = FrozenDictionary<int, Type>.Empty;

    public static CallShape Of(RequestDelegate handler) => new(handler.Method);

    public static CallShape Of<TRequest, TResponse>(RpcHandler<TRequest, TResponse> handler)
        where TRequest : class, new() => new(handler.Method) { Request = typeof(TRequest), Response = typeof(TResponse) };
}

/// <summary>A text that a call reads outside its body.</summary>
internal sealed record CallParameter(string Name, bool IsRequired, string Description);

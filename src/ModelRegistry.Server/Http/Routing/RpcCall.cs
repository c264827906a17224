using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>A call as the server itself can make it, with the checks it has for clients: JSON in, JSON out.</summary>
internal sealed record RpcCall(Func<JsonObject, RequestContext, CancellationToken, Task<JsonObject>> InvokeAsync)
{
    public static RpcCall Of<TRequest, TResponse>(RpcHandler<TRequest, TResponse> handler, Lazy<RpcBinder<TRequest>> binder, WireJson json)
        where TRequest : class, new() => new(async (body, context, cancellationToken) =>
    {
        var request = binder.Value.Parse(JsonSerializer.SerializeToUtf8Bytes(body, json.TypeOf<JsonObject>()));
        var answer = await handler(request, context, cancellationToken);
        return JsonSerializer.SerializeToNode(answer, json.TypeOf<TResponse>())!.AsObject();
    });
}

/// <summary>Finds calls by method and path, for areas that answer in another form what calls answer.</summary>
internal sealed class RpcCalls(EndpointDataSource routes)
{
    /// <summary>Made at the first call: the routes are complete by then. A call has one entry, however many prefixes it is mounted under.</summary>
    private readonly Lazy<FrozenDictionary<(string Method, string Path), RpcCall>> calls = new(() => routes.Endpoints
        .Select(endpoint => (Route: endpoint.Metadata.GetMetadata<RpcRoute>(), Call: endpoint.Metadata.GetMetadata<RpcCall>()))
        .Where(found => found is { Route: not null, Call: not null })
        .DistinctBy(found => (found.Route!.Method, found.Route.Path))
        .ToFrozenDictionary(found => (found.Route!.Method, found.Route.Path), found => found.Call!));

    /// <param name="path">Below the version, such as <c>mlflow/runs/get</c>.</param>
    public Task<JsonObject> InvokeAsync(string method, string path, JsonObject body, RequestContext context, CancellationToken cancellationToken) =>
        calls.Value[(method, path)].InvokeAsync(body, context, cancellationToken);
}

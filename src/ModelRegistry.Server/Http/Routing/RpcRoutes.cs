using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>A call of MLflow's API: request record in, response record out.</summary>
internal delegate Task<TResponse> RpcHandler<TRequest, TResponse>(TRequest request, RequestContext context, CancellationToken cancellationToken);

/// <summary>The versions of the API a call is mounted under.</summary>
internal enum ApiVersion
{
    /// <summary><c>/api/2.0</c>, <c>/ajax-api/2.0</c> and, for clients of the 1.x line, their <c>/preview</c> forms.</summary>
    V2,

    /// <summary><c>/api/3.0</c> and <c>/ajax-api/3.0</c>.</summary>
    V3,

    /// <summary><c>/ajax-api/2.0</c> alone: calls that only MLflow's own UI makes.</summary>
    AjaxV2,
}

/// <summary>Marks an endpoint as one of MLflow's calls: the method and the path below <c>/api/N.0/mlflow</c>.</summary>
internal sealed record RpcRoute(string Method, ApiVersion Version, string Path);

/// <summary>Mounts calls under every prefix MLflow has, or had, for them.</summary>
/// <param name="routes">Where the endpoints go; already below the static prefix.</param>
/// <param name="json">How requests are read and answers written.</param>
/// <param name="folder">The part between version and call, such as <c>mlflow</c>.</param>
internal sealed class RpcRoutes(IEndpointRouteBuilder routes, WireJson json, string folder)
{
    public WireJson Json => json;

    public RpcConventions Get<TRequest, TResponse>(string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version = ApiVersion.V2)
        where TRequest : class, new() => Map("GET", path, handler, version);

    public RpcConventions Post<TRequest, TResponse>(string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version = ApiVersion.V2)
        where TRequest : class, new() => Map("POST", path, handler, version);

    public RpcConventions Patch<TRequest, TResponse>(string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version = ApiVersion.V2)
        where TRequest : class, new() => Map("PATCH", path, handler, version);

    public RpcConventions Put<TRequest, TResponse>(string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version = ApiVersion.V2)
        where TRequest : class, new() => Map("PUT", path, handler, version);

    public RpcConventions Delete<TRequest, TResponse>(string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version = ApiVersion.V2)
        where TRequest : class, new() => Map("DELETE", path, handler, version);

    /// <summary>Mounts a call that reads or writes the exchange itself, such as a transfer of bytes.</summary>
    public RpcConventions Raw(string method, string path, RequestDelegate handler, ApiVersion version = ApiVersion.V2)
    {
        // HEAD goes wherever GET does; the answer's body is then dropped by the server.
        string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
        var endpoints = Prefixes(version)
            .Select(prefix => routes.MapMethods($"{prefix}/{folder}/{path}", methods, handler))
            .ToList<IEndpointConventionBuilder>();
        return new RpcConventions(endpoints).Add(new RpcRoute(method, version, $"{folder}/{path}"));
    }

    private RpcConventions Map<TRequest, TResponse>(string method, string path, RpcHandler<TRequest, TResponse> handler, ApiVersion version)
        where TRequest : class, new()
    {
        var write = JsonAnswer.For(json.TypeOf<TResponse>());

        // Most calls are never made: a server that starts does not wait for what is known of their requests.
        var binder = new Lazy<RpcBinder<TRequest>>(() => new RpcBinder<TRequest>(json));
        return Raw(method, path, Handle, version).Add(RpcCall.Of(handler, binder, json)).Add(CallShape.Of(handler));

        async Task Handle(HttpContext http)
        {
            var request = await binder.Value.BindAsync(http);
            var answer = await handler(request, RequestContext.Of(http), http.RequestAborted);
            await write(http, answer);
        }
    }

    private static string[] Prefixes(ApiVersion version) => version switch
    {
        ApiVersion.V3 => ["/api/3.0", "/ajax-api/3.0"],
        ApiVersion.AjaxV2 => ["/ajax-api/2.0"],
        _ => ["/api/2.0", "/ajax-api/2.0", "/api/2.0/preview", "/ajax-api/2.0/preview"],
    };
}

/// <summary>Says the same thing about a call under each of its prefixes.</summary>
internal sealed class RpcConventions(IReadOnlyList<IEndpointConventionBuilder> endpoints) : IEndpointConventionBuilder
{
    public void Add(Action<EndpointBuilder> convention)
    {
        foreach (var endpoint in endpoints)
            endpoint.Add(convention);
    }

    public RpcConventions Add(object metadata)
    {
        Add(builder => builder.Metadata.Add(metadata));
        return this;
    }
}

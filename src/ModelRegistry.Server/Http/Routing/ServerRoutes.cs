using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>Where the routes of a slice go, and where it finds who answers them.</summary>
internal sealed class ServerRoutes
{
    private readonly IServiceProvider services;

    /// <param name="bare">The server itself.</param>
    /// <param name="prefix">The static prefix; empty for none.</param>
    public ServerRoutes(IEndpointRouteBuilder bare, string prefix)
    {
        services = bare.ServiceProvider;
        Root = bare.MapGroup(prefix);
        var json = services.GetRequiredService<WireJson>();
        Mlflow = new RpcRoutes(Root, json, "mlflow");
        MlflowArtifacts = new RpcRoutes(Root, json, "mlflow-artifacts");
        Own = new RpcRoutes(Root, json, "modelregistry");
        Probes = prefix.Length > 0 ? [Root, bare] : [Root];
    }

    /// <summary>Everything below the static prefix, for routes that are no calls of an API.</summary>
    public IEndpointRouteBuilder Root { get; }

    /// <summary>MLflow's calls.</summary>
    public RpcRoutes Mlflow { get; }

    /// <summary>MLflow's calls about files behind the proxy.</summary>
    public RpcRoutes MlflowArtifacts { get; }

    /// <summary>The calls that MLflow does not have.</summary>
    public RpcRoutes Own { get; }

    /// <summary>With the static prefix and without it: who probes a server may know of none.</summary>
    public IReadOnlyList<IEndpointRouteBuilder> Probes { get; }

    /// <summary>The service that has the handlers.</summary>
    public TEndpoints Of<TEndpoints>()
        where TEndpoints : class => services.GetRequiredService<TEndpoints>();
}

namespace ModelRegistry.Server.Auth;

/// <summary>What a caller must be allowed to do; MLflow's levels, each containing the ones before it.</summary>
internal enum Permission
{
    /// <summary>Being known to the server is enough.</summary>
    Authenticated,
    Read,
    Edit,
    Manage,
}

/// <summary>What the permission is on; the request names the instance.</summary>
internal enum Resource
{
    Server,
    Experiment,
    Run,
    LoggedModel,
    RegisteredModel,
    ArtifactPath,
}

/// <summary>The declared permission of a route. A route without one does not start.</summary>
internal sealed record RoutePermission(Permission Permission, Resource Resource);

internal static class RoutePermissionExtensions
{
    /// <summary>Declares what a caller of this route needs.</summary>
    public static TBuilder RequirePermission<TBuilder>(this TBuilder builder, Permission permission, Resource resource)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new RoutePermission(permission, resource)));
        return builder;
    }

    /// <summary>Declares that anybody may call this route, also without credentials.</summary>
    public static TBuilder AllowAnybody<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new Microsoft.AspNetCore.Authorization.AllowAnonymousAttribute()));
        return builder;
    }
}

using ModelRegistry.Server.Errors;

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
    Scorer,
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

/// <summary>Deny by default, before the first request.</summary>
internal static class RoutePermissions
{
    /// <exception cref="StartupException">A route says neither what its callers need nor that it is open.</exception>
    public static void Check(IEnumerable<Endpoint> endpoints)
    {
        var bare = endpoints.FirstOrDefault(
            endpoint => endpoint.Metadata.GetMetadata<RoutePermission>() is null
                && endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is null);
        if (bare is not null)
            throw new StartupException($"The route '{bare.DisplayName}' declares no permission. This is a defect of the server.");
    }
}

using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Observability;

/// <summary>What the server says about itself: that it answers, which MLflow it is compatible with, what clients may make use of.</summary>
internal sealed class ServerInfoEndpoints(ServerOptions options, DirectTransfers transfers)
{
    private static readonly string[] Get = ["GET", "HEAD"];

    public void Map(RpcRoutes rpc) =>
        rpc.Get<EmptyRequest, ServerInfoResponse>("server-info", (_, _, _) => Task.FromResult(Describe()), ApiVersion.V3)
            .RequirePermission(Permission.Authenticated, Resource.Server)
            .WithSummary("What this server can do, for clients that ask before they use it.")
            .WithMetadata(ServedAlways.Mark);

    public static void MapProbes(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", Get, HealthAsync).AllowAnybody().WithMetadata(ServedAlways.Mark, Page(HealthAsync));
        routes.MapMethods("/version", Get, VersionAsync).AllowAnybody().WithMetadata(ServedAlways.Mark, Page(VersionAsync));
    }

    private static CallShape Page(RequestDelegate handler) => CallShape.Of(handler) with { ResponseMedia = CallShape.Html };

    /// <summary>Answers OK while the server takes requests.</summary>
    private static Task HealthAsync(HttpContext http) => HtmlPages.WriteAsync(http, 200, "OK");

    /// <summary>The version of MLflow whose API this is.</summary>
    private static Task VersionAsync(HttpContext http) => HtmlPages.WriteAsync(http, 200, ProductInfo.MlflowVersion);

    private ServerInfoResponse Describe() =>
        new("SqlStore", options.EnableWorkspaces, transfers.TakesParts ? true : null, transfers.SignsDownloads ? true : null);
}

/// <summary>Capabilities that clients from 3.15 on make use of; absent where there are none, as 3.11 has it.</summary>
internal sealed record ServerInfoResponse(
    string StoreType, bool WorkspacesEnabled, bool? MultipartUploadsEnabled, bool? MultipartDownloadsEnabled);

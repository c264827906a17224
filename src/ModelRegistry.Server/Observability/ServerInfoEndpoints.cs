using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Observability;

/// <summary>What the server says about itself: that it answers, which MLflow it is compatible with, what clients may make use of.</summary>
internal sealed class ServerInfoEndpoints(ServerOptions options, DirectTransfers transfers)
{
    private static readonly string[] Get = ["GET", "HEAD"];

    public void Map(RpcRoutes rpc) =>
        rpc.Get<EmptyRequest, ServerInfoResponse>("server-info", (_, _, _) => Task.FromResult(Describe()), ApiVersion.V3)
            .RequirePermission(Permission.Authenticated, Resource.Server)
            .WithMetadata(ServedAlways.Mark);

    public static void MapProbes(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", Get, http => HtmlPages.WriteAsync(http, 200, "OK")).AllowAnybody().WithMetadata(ServedAlways.Mark);
        routes.MapMethods("/version", Get, http => HtmlPages.WriteAsync(http, 200, ProductInfo.MlflowVersion)).AllowAnybody().WithMetadata(ServedAlways.Mark);
    }

    private ServerInfoResponse Describe() =>
        new("SqlStore", options.EnableWorkspaces, transfers.TakesParts ? true : null, transfers.SignsDownloads ? true : null);
}

/// <summary>Capabilities that clients from 3.15 on make use of; absent where there are none, as 3.11 has it.</summary>
internal sealed record ServerInfoResponse(
    string StoreType, bool WorkspacesEnabled, bool? MultipartUploadsEnabled, bool? MultipartDownloadsEnabled);

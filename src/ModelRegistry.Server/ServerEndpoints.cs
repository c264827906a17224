using System.Text.Json.Serialization;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server;

/// <summary>What the server says about itself, and the routes that MLflow has but answers with nothing.</summary>
internal static class ServerEndpoints
{
    private const string TelemetryConfig = """{"disable_ui_events": [], "disable_ui_telemetry": true, "ui_rollout_percentage": 0}""";
    private const string TelemetryAnswer = """{"status": "disabled"}""";
    private static readonly string[] Get = ["GET", "HEAD"];

    /// <param name="root">Routes below the static prefix.</param>
    /// <param name="bare">Routes without it, for probes that know of none.</param>
    public static void Map(IEndpointRouteBuilder root, IEndpointRouteBuilder bare, string prefix)
    {
        MapProbes(root);
        if (prefix.Length > 0)
            MapProbes(bare);
        MapTelemetry(root);
        MapUnimplemented(root);
    }

    public static void Map(RpcRoutes rpc, bool hasWorkspaces, DirectTransfers transfers) =>
        rpc.Get<EmptyRequest, ServerInfoResponse>("server-info", (_, _, _) => Task.FromResult(Describe(hasWorkspaces, transfers)), ApiVersion.V3)
            .RequirePermission(Permission.Authenticated, Resource.Server)
            .WithMetadata(ServedAlways.Mark);

    private static ServerInfoResponse Describe(bool hasWorkspaces, DirectTransfers transfers) =>
        new("SqlStore", hasWorkspaces, transfers.TakesParts ? true : null, transfers.SignsDownloads ? true : null);

    private static void MapProbes(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health", Get, http => HtmlPages.WriteAsync(http, 200, "OK")).AllowAnybody().WithMetadata(ServedAlways.Mark);
        routes.MapMethods("/version", Get, http => HtmlPages.WriteAsync(http, 200, ProductInfo.MlflowVersion)).AllowAnybody().WithMetadata(ServedAlways.Mark);
    }

    private static void MapTelemetry(IEndpointRouteBuilder root)
    {
        const string Path = "/ajax-api/3.0/mlflow/ui-telemetry";
        root.MapMethods(Path, Get, http => WriteJsonAsync(http, TelemetryConfig))
            .RequirePermission(Permission.Authenticated, Resource.Server).WithMetadata(ServedAlways.Mark);
        root.MapPost(Path, http => WriteJsonAsync(http, TelemetryAnswer))
            .RequirePermission(Permission.Authenticated, Resource.Server).WithMetadata(ServedAlways.Mark);
    }

    /// <summary>The calls of a server that runs without workspaces.</summary>
    public static void MapNoWorkspaces(IEndpointRouteBuilder root)
    {
        foreach (var api in (string[])["/api/3.0", "/ajax-api/3.0"])
        {
            root.MapMethods($"{api}/mlflow/workspaces", ["GET", "HEAD", "POST"], WithoutWorkspacesAsync)
                .RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapMethods($"{api}/mlflow/workspaces/{{workspace_name}}", ["GET", "HEAD", "PATCH", "DELETE"], WithoutWorkspacesAsync)
                .RequirePermission(Permission.Authenticated, Resource.Server);
        }
    }

    /// <summary>MLflow declares these and answers 404 with an empty body; one path really lacks a slash.</summary>
    private static void MapUnimplemented(IEndpointRouteBuilder root)
    {
        foreach (var api in (string[])["/api/2.0", "/ajax-api/2.0"])
        {
            root.MapMethods($"{api}/mlflow/unified-traces", Get, NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapMethods($"{api}/mlflow/get-online-trace-details", Get, NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapPost($"{api}mlflow/experiments/search-datasets", NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
        }
    }

    private static Task WithoutWorkspacesAsync(HttpContext http) => HtmlPages.WriteAsync(
        http, 503,
        $"Endpoint: {FlaskRule.Of((RouteEndpoint)http.GetEndpoint()!)} disabled because the server is running without workspaces support. "
        + "To enable workspace, run `mlflow server` with `--enable-workspaces`");

    private static Task NothingAsync(HttpContext http) => HtmlPages.WriteAsync(http, 404, "");

    private static Task WriteJsonAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    }
}

/// <summary>Capabilities that clients from 3.15 on make use of; absent where there are none, as 3.11 has it.</summary>
internal sealed record ServerInfoResponse(
    string StoreType, bool WorkspacesEnabled, bool? MultipartUploadsEnabled, bool? MultipartDownloadsEnabled);

/// <summary>The wire records of this file.</summary>
[JsonSerializable(typeof(ServerInfoResponse))]
internal sealed partial class ServerJson : JsonSerializerContext;

using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Ui;

/// <summary>Tells MLflow's web pages to report nothing of what their users do.</summary>
internal static class UiTelemetry
{
    private const string Path = "/ajax-api/3.0/mlflow/ui-telemetry";
    private const string Config = """{"disable_ui_events": [], "disable_ui_telemetry": true, "ui_rollout_percentage": 0}""";
    private const string Answer = """{"status": "disabled"}""";

    /// <param name="root">Routes below the static prefix.</param>
    public static void Map(IEndpointRouteBuilder root)
    {
        root.MapMethods(Path, ["GET", "HEAD"], http => WriteAsync(http, Config))
            .RequirePermission(Permission.Authenticated, Resource.Server).WithMetadata(ServedAlways.Mark);
        root.MapPost(Path, http => WriteAsync(http, Answer))
            .RequirePermission(Permission.Authenticated, Resource.Server).WithMetadata(ServedAlways.Mark);
    }

    private static Task WriteAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(json);
    }
}

using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Ui;

/// <summary>
/// What MLflow's web pages ask about areas that this server leaves to others. The answer is that there is nothing, in the form of an MLflow
/// where nothing is set up, and the pages show themselves without that part; of a failed call they would tell the user.
/// </summary>
internal static class EmptyAreas
{
    private const string NoAssistant = """{"projects": {}, "providers": {}}""";
    private const string NoEndpoints = """{"endpoints": []}""";
    private const string NoSecrets = """{"secrets_available": false, "using_default_passphrase": false}""";
    private const string NoItems = "{}";
    private static readonly string[] Get = ["GET", "HEAD"];
    private static readonly string[] GatewayLists = ["endpoints/list", "endpoints/bindings/list", "model-definitions/list", "secrets/list"];

    /// <param name="root">Routes below the static prefix.</param>
    public static void Map(IEndpointRouteBuilder root)
    {
        const string Gateway = "/ajax-api/3.0/mlflow/gateway";
        Map(root, "/ajax-api/3.0/mlflow/assistant/config", Get, NoAssistant);
        Map(root, "/ajax-api/2.0/mlflow/gateway-proxy", [.. Get, "POST"], NoEndpoints);
        Map(root, $"{Gateway}/secrets/config", Get, NoSecrets);
        foreach (var list in GatewayLists)
            Map(root, $"{Gateway}/{list}", Get, NoItems);
        MapUnanswered(root);
    }

    /// <summary>MLflow declares these and answers 404 with an empty body; one path really lacks a slash.</summary>
    private static void MapUnanswered(IEndpointRouteBuilder root)
    {
        foreach (var api in (string[])["/api/2.0", "/ajax-api/2.0"])
        {
            root.MapMethods($"{api}/mlflow/unified-traces", Get, NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapMethods($"{api}/mlflow/get-online-trace-details", Get, NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
            root.MapPost($"{api}mlflow/experiments/search-datasets", NothingAsync).RequirePermission(Permission.Authenticated, Resource.Server);
        }
    }

    private static Task NothingAsync(HttpContext http) => HtmlPages.WriteAsync(http, 404, "");

    private static void Map(IEndpointRouteBuilder root, string path, string[] methods, string json) =>
        root.MapMethods(path, methods, http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(json, http.RequestAborted);
        }).RequirePermission(Permission.Authenticated, Resource.Server);
}

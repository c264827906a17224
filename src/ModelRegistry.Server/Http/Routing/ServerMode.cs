using Microsoft.AspNetCore.Routing.Patterns;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>Marks a route that answers in every mode of the server.</summary>
internal sealed record ServedAlways
{
    public static readonly ServedAlways Mark = new();
}

/// <summary>Refuses the routes that <c>--no-serve-artifacts</c> or <c>--artifacts-only</c> switch off.</summary>
/// <param name="servesArtifacts">The artifact proxy is on.</param>
/// <param name="artifactsOnly">Nothing but the artifact proxy is on.</param>
internal sealed class ServerMode(RequestDelegate next, bool servesArtifacts, bool artifactsOnly)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint route || route.Metadata.GetMetadata<ServedAlways>() is not null)
            return next(http);
        var isProxy = route.Metadata.GetMetadata<RpcRoute>()?.Path.StartsWith("mlflow-artifacts/", StringComparison.Ordinal) ?? false;
        if (isProxy && !servesArtifacts)
        {
            return HtmlPages.WriteAsync(
                http, 503,
                $"Endpoint: {FlaskRule.Of(route)} disabled due to the mlflow server running with `--no-serve-artifacts`. To enable artifacts server "
                + "functionality, run `mlflow server` with `--serve-artifacts`");
        }

        if (!isProxy && artifactsOnly)
        {
            return HtmlPages.WriteAsync(
                http, 503,
                $"Endpoint: {FlaskRule.Of(route)} disabled due to the mlflow server running in `--artifacts-only` mode. To enable tracking server "
                + "functionality, run `mlflow server` without `--artifacts-only`");
        }

        return next(http);
    }
}

/// <summary>A route as MLflow's web framework writes it: <c>/a/&lt;id&gt;</c>, <c>/b/&lt;path:rest&gt;</c>.</summary>
internal static class FlaskRule
{
    public static string Of(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(Print))));

    private static string Print(RoutePatternPart part) => part switch
    {
        RoutePatternParameterPart { IsCatchAll: true } all => $"<path:{all.Name}>",
        RoutePatternParameterPart parameter => $"<{parameter.Name}>",
        RoutePatternLiteralPart literal => literal.Content,
        _ => "",
    };
}

using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;

namespace ModelRegistry.Server.Http.Routing;

/// <summary>
/// Answers what routing did not find, as MLflow's router does: paths are case-sensitive, a trailing slash is another path, repeated
/// slashes are redirected, and OPTIONS lists the methods of a path.
/// </summary>
internal sealed class UnmatchedRoutes(RequestDelegate next, IReadOnlyCollection<EndpointDataSource> sources, string prefix)
{
    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        return http.GetEndpoint() switch
        {
            RouteEndpoint found => Fits(found.RoutePattern, path, found.RoutePattern.Parameters.Count == 0 ? null : http.Request.RouteValues) ? next(http) : HtmlPages.NotFoundAsync(http),
            { } refusal when !path.EndsWith('/') => WrongMethodAsync(http, refusal),
            null when path.Contains("//", StringComparison.Ordinal) => RedirectAsync(http, path.Replace("//", "/", StringComparison.Ordinal)),
            _ => HtmlPages.NotFoundAsync(http),
        };
    }

    /// <remarks>The framework's own matching ignores case and trailing slashes.</remarks>
    private static bool Fits(RoutePattern pattern, string path, RouteValueDictionary? values)
    {
        var rest = path.AsSpan(1);
        foreach (var segment in pattern.PathSegments)
        {
            if (segment.Parts[0] is RoutePatternParameterPart { IsCatchAll: true } all)
                return values?[all.Name] is string { Length: > 0 };
            var end = rest.IndexOf('/');
            var actual = end < 0 ? rest : rest[..end];
            if (segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } && !actual.SequenceEqual(literal.Content))
                return false;
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return path.Length == 1 || !path.EndsWith('/') || pattern.RawText!.EndsWith('/');
    }

    private async Task WrongMethodAsync(HttpContext http, Endpoint refusal)
    {
        // The framework's refusal does no more than to set the status and the methods there are.
        await refusal.RequestDelegate!(http);
        var methods = http.Response.Headers.Allow.ToString().Split(", ").Append("OPTIONS");
        if (methods.Contains("GET"))
            methods = methods.Append("HEAD");
        http.Response.Headers.Allow = string.Join(", ", methods.Distinct().Order(StringComparer.Ordinal));
        if (!HttpMethods.IsOptions(http.Request.Method))
        {
            await HtmlPages.MethodNotAllowedAsync(http);
            return;
        }

        http.Response.StatusCode = ApiPaths.IsApi(http.Request.Path.Value!, prefix) ? 204 : 200;
        http.Response.ContentType = HtmlPages.ContentType;
    }

    private Task RedirectAsync(HttpContext http, string collapsed)
    {
        var isKnown = sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Any(route => IsAt(route, http.Request.Method, collapsed));
        return isKnown
            ? HtmlPages.RedirectAsync(http, UriHelper.BuildAbsolute(http.Request.Scheme, http.Request.Host, default, collapsed, http.Request.QueryString))
            : HtmlPages.NotFoundAsync(http);
    }

    private static bool IsAt(RouteEndpoint route, string method, string path)
    {
        var methods = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods;
        var values = new RouteValueDictionary();
        return (methods is null || methods.Contains(method))
            && new TemplateMatcher(new RouteTemplate(route.RoutePattern), []).TryMatch(path, values)
            && Fits(route.RoutePattern, path, values);
    }
}

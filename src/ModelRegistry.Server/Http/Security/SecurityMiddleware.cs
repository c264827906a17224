using Microsoft.Net.Http.Headers;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Http.Security;

/// <summary>
/// The outer layers, in MLflow's order: host check, CORS, cross-origin block, security headers. A refusal by one layer carries the headers
/// of the layers outside it only.
/// </summary>
/// <param name="prefix">The static prefix; the block covers the API below it.</param>
internal sealed partial class SecurityMiddleware(RequestDelegate next, SecurityPolicy policy, string prefix, ILogger<SecurityMiddleware> logger)
{
    private const string PlainText = "text/plain";

    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (!policy.IsHostAllowed(request.Headers.Host.ToString()) && request.Path.Value is not ("/health" or "/health/live" or "/health/ready" or "/version"))
        {
            LogHost(request.Headers.Host.ToString());
            return WriteAsync(http, 403, PlainText, "Invalid Host header - possible DNS rebinding attack detected");
        }

        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod))
            return Cors.AnswerPreflightAsync(http, policy, origin);
        var isBlocked = IsWrite(request.Method) && ApiPaths.IsApi(request.Path.Value!, prefix) && policy.IsWriteBlocked(origin);
        AddHeaders(http.Response.Headers, origin, isBlocked);
        if (!isBlocked)
            return next(http);
        LogOrigin(origin);
        return WriteAsync(http, 403, PlainText, "Cross-origin request blocked");
    }

    private void AddHeaders(IHeaderDictionary headers, string origin, bool isBlocked)
    {
        if (!isBlocked)
        {
            headers.XContentTypeOptions = "nosniff";
            if (policy.FrameOptions is not null)
                headers.XFrameOptions = policy.FrameOptions;
        }

        headers.Vary = "Origin";
        if (origin.Length > 0)
            Cors.AddHeaders(headers, policy, origin);
    }

    private static Task WriteAsync(HttpContext http, int status, string contentType, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = contentType;
        return http.Response.WriteAsync(text);
    }

    private static bool IsWrite(string method) =>
        HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsPatch(method) || HttpMethods.IsDelete(method);

    [LoggerMessage(2, LogLevel.Warning, "Refused a request with the Host header '{Host}'; --allowed-hosts names the hosts to answer to")]
    private partial void LogHost(string host);

    [LoggerMessage(3, LogLevel.Warning, "Refused a cross-origin request from {Origin}; --cors-allowed-origins names the origins to accept")]
    private partial void LogOrigin(string origin);
}

/// <summary>Cross-origin resource sharing, as MLflow's server grants it.</summary>
internal static class Cors
{
    private const string Methods = "GET, POST, PUT, DELETE, OPTIONS, PATCH";
    private const string EveryMethod = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

    public static Task AnswerPreflightAsync(HttpContext http, SecurityPolicy policy, string origin)
    {
        var asked = http.Request.Headers;
        var methods = policy.AllowsEveryOrigin ? EveryMethod : Methods;
        List<string> failures = [];
        if (!policy.IsOriginAllowed(origin))
            failures.Add("origin");
        if (!methods.Split(", ").Contains(asked.AccessControlRequestMethod.ToString()))
            failures.Add("method");
        if (asked.ContainsKey("Access-Control-Request-Private-Network"))
            failures.Add("private-network");

        var headers = http.Response.Headers;
        headers.Vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network";
        headers.AccessControlAllowMethods = methods;
        headers.AccessControlMaxAge = "600";
        headers.AccessControlAllowCredentials = "true";
        if (policy.IsOriginAllowed(origin))
            headers.AccessControlAllowOrigin = origin;
        if (asked.ContainsKey(HeaderNames.AccessControlRequestHeaders))
            headers.AccessControlAllowHeaders = asked.AccessControlRequestHeaders;
        http.Response.StatusCode = failures.Count == 0 ? 200 : 400;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(failures.Count == 0 ? "OK" : $"Disallowed CORS {string.Join(", ", failures)}");
    }

    public static void AddHeaders(IHeaderDictionary headers, SecurityPolicy policy, string origin)
    {
        headers.AccessControlAllowCredentials = "true";
        headers.AccessControlExposeHeaders = "*";
        if (policy.IsOriginAllowed(origin))
            headers.AccessControlAllowOrigin = origin;
    }
}

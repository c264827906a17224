using System.Text;
using System.Text.Encodings.Web;

namespace ModelRegistry.Server.Http;

/// <summary>The pages that answer for what is not an API call; the texts are those that MLflow's web framework sends.</summary>
internal static class HtmlPages
{
    public const string ContentType = "text/html; charset=utf-8";

    public static Task NotFoundAsync(HttpContext http) => WriteAsync(
        http, 404, Page("404 Not Found", "Not Found",
            "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again."));

    public static Task MethodNotAllowedAsync(HttpContext http) => WriteAsync(
        http, 405, Page("405 Method Not Allowed", "Method Not Allowed", "The method is not allowed for the requested URL."));

    public static Task RedirectAsync(HttpContext http, string target)
    {
        http.Response.Headers.Location = target;
        var shown = HtmlEncoder.Default.Encode(target);
        return WriteAsync(
            http, 308,
            $"""
            <!doctype html>
            <html lang=en>
            <title>Redirecting...</title>
            <h1>Redirecting...</h1>
            <p>You should be redirected automatically to the target URL: <a href="{shown}">{shown}</a>. If not, click the link.

            """);
    }

    public static Task WriteAsync(HttpContext http, int status, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.StatusCode = status;
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(bytes).AsTask();
    }

    private static string Page(string title, string heading, string text) =>
        $"""
        <!doctype html>
        <html lang=en>
        <title>{title}</title>
        <h1>{heading}</h1>
        <p>{text}</p>

        """;
}

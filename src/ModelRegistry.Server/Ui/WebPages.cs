using Microsoft.Extensions.FileProviders;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Ui;

/// <summary>What a browser sees: MLflow's own web pages when their folder is known, else a small page that says how to get them.</summary>
internal sealed class WebPages(ServerOptions options)
{
    private const string Files = "/static-files";

    /// <summary>The names of files change with their content.</summary>
    private const string Lasting = "public, max-age=2419200";

    private const string Fleeting = "no-cache";
    private static readonly string[] Get = ["GET", "HEAD"];

    /// <summary>First parts of addresses that the pages have behind their <c>#</c>; without it somebody typed or shortened one.</summary>
    private static readonly string[] Pages = ["compare-experiments", "compare-runs", "experiments", "metric", "models", "prompts", "settings"];

    public void Map(IEndpointRouteBuilder root)
    {
        var hasPages = !string.IsNullOrEmpty(options.UiDir);
        RequestDelegate index = hasPages ? Serve(root, options.UiDir!, $"/{UiFolder.Index}", Fleeting) : http => HtmlPages.WriteAsync(http, 200, HomePage.Text);
        RequestDelegate files = hasPages ? Serve(root, FilesOf(options.UiDir!), null, Lasting) : HtmlPages.NotFoundAsync;
        Map(root, "/", index);
        Map(root, Files + "/{**path}", files);
        if (!hasPages)
            return;
        foreach (var page in Pages)
        {
            Map(root, $"/{page}", RedirectAsync);
            Map(root, $"/{page}/{{**rest}}", RedirectAsync);
        }
    }

    private static void Map(IEndpointRouteBuilder root, string pattern, RequestDelegate handler) =>
        root.MapMethods(pattern, Get, handler).AllowAnybody().WithMetadata(ServedAlways.Mark);

    /// <param name="file">The one file to serve; null serves that of the route.</param>
    private static RequestDelegate Serve(IEndpointRouteBuilder routes, string folder, string? file, string caching)
    {
        var pipeline = routes.CreateApplicationBuilder();
        pipeline.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(folder),
            ServeUnknownFileTypes = true,
            OnPrepareResponse = answer => answer.Context.Response.Headers.CacheControl = caching,
        });
        pipeline.Run(HtmlPages.NotFoundAsync);
        var serve = pipeline.Build();
        return http =>
        {
            http.Request.Path = file ?? "/" + http.GetRouteValue("path");
            http.SetEndpoint(null); // Static files are not served to requests that have one.
            return serve(http);
        };
    }

    /// <summary>Built pages ask for their files below a folder that some builds have and others only pretend to have.</summary>
    private static string FilesOf(string folder) => Path.Combine(folder, Files[1..]) is var inner && Directory.Exists(inner) ? inner : folder;

    private Task RedirectAsync(HttpContext http)
    {
        var page = http.Request.Path.ToUriComponent()[options.StaticPrefix.Length..];
        http.Response.Redirect($"{options.StaticPrefix}/#{page}{http.Request.QueryString}");
        return Task.CompletedTask;
    }
}

/// <summary>What a browser sees at the root of a server without web pages.</summary>
internal static class HomePage
{
    public static readonly string Text =
        $"""
        <!doctype html>
        <html lang=en>
        <meta charset=utf-8>
        <title>ModelRegistry</title>
        <h1>ModelRegistry</h1>
        <p>{ProductInfo.Describe()}: a model registry and experiment tracking server.</p>
        <p>Set <code>MLFLOW_TRACKING_URI</code> to the address of this page and use any MLflow client.</p>
        <p>To see MLflow's own web pages here, install the Python package <code>mlflow</code> on this machine, or start the server with
        <code>--ui-dir</code> and the folder <code>mlflow/server/js/build</code> of that package.</p>

        """;
}

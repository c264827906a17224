using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using Scalar.AspNetCore;

namespace ModelRegistry.Server.OpenApi;

/// <summary>The description of the API at <c>/openapi/v1.json</c> and its pages at <c>/docs</c>; <c>--no-openapi</c> leaves both out.</summary>
internal static class OpenApiSlice
{
    private const string Version = "v1";
    private static readonly string[] Get = ["GET", "HEAD"];

    public static IServiceCollection AddApiDescription(this IServiceCollection services, ServerOptions options) =>
        options.ServeOpenApi ? services.AddOpenApi(Version, api => api.AddDocumentTransformer<ApiDocument>()) : services;

    public static void MapApiDescription(this ServerRoutes routes, ServerOptions options)
    {
        if (!options.ServeOpenApi)
            return;
        var (root, services) = (routes.Root, routes.Root.ServiceProvider);

        // Both are made when somebody asks, and kept: the package's own route would build the document anew for each request.
        var document = new Lazy<Task<byte[]>>(() => WriteAsync(services));
        var script = new Lazy<RequestDelegate>(() => FindScript(services));
        Map(root, $"/openapi/{Version}.json", async http => await SendAsync(http, CallShape.Json, await document.Value));
        Map(root, "/docs", http => HtmlPages.WriteAsync(http, 200, DocsPage.Of(options.StaticPrefix)));
        Map(root, "/docs/scalar.js", http => script.Value(http));
    }

    private static void Map(IEndpointRouteBuilder root, string path, RequestDelegate handler) =>
        root.MapMethods(path, Get, handler).RequirePermission(Permission.Authenticated, Resource.Server).WithMetadata(ServedAlways.Mark);

    private static async Task<byte[]> WriteAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(Version).GetOpenApiDocumentAsync();
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1);
        return buffer.ToArray();
    }

    private static Task SendAsync(HttpContext http, string type, byte[] body)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>
    /// Scalar's handler for its own script. Its page is not used: it lives at <c>/docs/</c>, which is another path here, and <c>/docs</c> would
    /// only redirect to it.
    /// </summary>
    private static RequestDelegate FindScript(IServiceProvider services)
    {
        var routes = new DetachedRoutes(services);
        routes.MapScalarApiReference("/docs");
        return routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Single(route => route.RoutePattern.RawText == "/docs/scalar.js").RequestDelegate!;
    }

    /// <summary>Routes that are looked up, and never matched.</summary>
    private sealed class DetachedRoutes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}

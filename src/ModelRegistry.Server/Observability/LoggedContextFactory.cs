namespace ModelRegistry.Server.Observability;

/// <summary>
/// Gives requests their id before the framework writes it into the scope of their log lines, which it does in front of all middleware. For JSON logs
/// alone: the framework's own factory reuses its objects.
/// </summary>
internal sealed class LoggedContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory inner = new(services);

    public HttpContext Create(Microsoft.AspNetCore.Http.Features.IFeatureCollection featureCollection)
    {
        var http = inner.Create(featureCollection);
        RequestIds.Accept(http);
        return http;
    }

    public void Dispose(HttpContext httpContext) => inner.Dispose(httpContext);
}

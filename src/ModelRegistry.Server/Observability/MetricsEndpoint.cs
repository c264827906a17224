using System.Text;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Observability;

/// <summary><c>GET /metrics</c>, where Prometheus looks for it.</summary>
internal sealed class MetricsEndpoint(MetricsCollector collector, EntityCounts inventory, ServerOptions options)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/metrics", ["GET", "HEAD"], ReadAsync).AllowAnybody()
            .WithMetadata(ServedAlways.Mark, CallShape.Of(ReadAsync) with { ResponseMedia = "text/plain" });

    /// <summary>The metrics of the server in Prometheus' text format.</summary>
    private async Task ReadAsync(HttpContext http)
    {
        if (!options.ArtifactsOnly)
            await inventory.RefreshAsync(http.RequestAborted);
        var body = Encoding.UTF8.GetBytes(collector.Read());
        http.Response.ContentType = PrometheusText.ContentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}

using System.Diagnostics;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ModelRegistry.Server.Observability;

/// <summary>
/// Traces and metrics by OTLP, when OpenTelemetry's own variables name a receiver; they say everything else as well: protocol, headers, sampling,
/// intervals, the name of the service.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    private readonly TracerProvider? traces;
    private readonly MeterProvider? metrics;

    private Telemetry(TracerProvider? traces, MeterProvider? metrics) => (this.traces, this.metrics) = (traces, metrics);

    /// <summary>Whether requests are traced.</summary>
    public bool HasTraces => traces is not null;

    /// <exception cref="StartupException">A variable has a value that cannot be used.</exception>
    public static Telemetry Start(Func<string, string?> environment)
    {
        bool IsSet(string name) => !string.IsNullOrEmpty(environment(name));
        if (environment("OTEL_SDK_DISABLED") is "true" || !(IsSet(Endpoint) || IsSet(TracesEndpoint) || IsSet(MetricsEndpoint)))
            return new Telemetry(null, null);
        try
        {
            return new Telemetry(
                IsSet(Endpoint) || IsSet(TracesEndpoint) ? Traces(environment) : null,
                IsSet(Endpoint) || IsSet(MetricsEndpoint) ? Metrics(environment) : null);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or UriFormatException or NotSupportedException)
        {
            throw new StartupException($"Telemetry cannot be sent as the variables OTEL_… say: {e.Message}");
        }
    }

    /// <summary>Names the span of a request by its route; a path would give each run a name of its own.</summary>
    public static async Task NameSpanAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (Activity.Current is not { IsAllDataRequested: true } span)
            return;
        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? http.Request.Method : $"{http.Request.Method} {route}";
        span.SetTag("http.request.method", http.Request.Method).SetTag("http.route", route).SetTag("http.response.status_code", http.Response.StatusCode)
            .SetTag("modelregistry.request_id", http.TraceIdentifier);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
    }

    private static TracerProvider Traces(Func<string, string?> environment) =>
        Sdk.CreateTracerProviderBuilder().ConfigureResource(resource => Name(resource, environment))
            .AddSource("Microsoft.AspNetCore", StatementSpans.SourceName).AddOtlpExporter().Build();

    private static MeterProvider Metrics(Func<string, string?> environment) =>
        Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => Name(resource, environment))
            .AddMeter("ModelRegistry", "Microsoft.AspNetCore.Hosting", "System.Runtime").AddOtlpExporter().Build();

    private static void Name(ResourceBuilder resource, Func<string, string?> environment)
    {
        var attributes = environment("OTEL_RESOURCE_ATTRIBUTES") ?? "";
        if (string.IsNullOrEmpty(environment("OTEL_SERVICE_NAME")) && !attributes.Contains("service.name=", StringComparison.Ordinal))
            resource.AddService("modelregistry", serviceVersion: ProductInfo.Version);
    }
}

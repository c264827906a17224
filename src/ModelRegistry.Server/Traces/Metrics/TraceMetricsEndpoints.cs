using System.Text.Json.Serialization;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Traces.Metrics;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>Counts, sums and percentiles over traces, spans and assessments, which the overview pages draw.</summary>
internal sealed class TraceMetricsEndpoints(TraceMetricsStore metrics)
{
    private const int DefaultMaxResults = 1000;

    public void Map(RpcRoutes rpc) =>
        rpc.Post<TraceMetricsRequest, TraceMetricsResponse>("traces/metrics", QueryAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);

    /// <summary>Aggregates traces, spans or assessments of experiments over time and dimensions.</summary>
    private async Task<TraceMetricsResponse> QueryAsync(TraceMetricsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var query = new MetricsQuery(
            request.ExperimentIds ?? [],
            request.ViewType ?? MetricView.Traces,
            request.MetricName ?? "",
            (request.Aggregations ?? []).ConvertAll(one => Aggregation.Of(one.AggregationType ?? AggregationType.Count, one.PercentileValue)),
            request.Dimensions ?? [],
            request.Filters ?? [],
            request.TimeIntervalSeconds is 0 ? null : request.TimeIntervalSeconds,
            request.StartTimeMs,
            request.EndTimeMs,
            (int)(request.MaxResults ?? DefaultMaxResults));
        MetricsCatalog.Check(query);
        var points = await metrics.QueryAsync(context.Workspace, query, cancellationToken);
        return new TraceMetricsResponse(points.ConvertAll(point => new MetricDataPointBody(
            query.MetricName, point.Dimensions.Count == 0 ? null : point.Dimensions, point.Values)));
    }
}

internal sealed record TraceMetricsRequest
{
    [Must(Be.List | Be.Required | Be.ListOfText)]
    public List<string> ExperimentIds { get; set; } = null!;

    [Must(Be.Required)]
    public MetricView? ViewType { get; set; }

    [Must(Be.Text | Be.Required)]
    public string MetricName { get; set; } = null!;

    [Must(Be.List | Be.Required)]
    public List<MetricAggregationInput> Aggregations { get; set; } = null!;

    [Must(Be.List | Be.ListOfText)]
    public List<string>? Dimensions { get; set; }

    [Must(Be.List | Be.ListOfText)]
    public List<string>? Filters { get; set; }

    [Must(Be.Integer)]
    public long? TimeIntervalSeconds { get; set; }

    [Must(Be.Integer)]
    public long? StartTimeMs { get; set; }

    [Must(Be.Integer)]
    public long? EndTimeMs { get; set; }

    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record MetricAggregationInput
{
    public AggregationType? AggregationType { get; set; }

    public double? PercentileValue { get; set; }
}

[JsonConverter(typeof(WireEnumConverter<MetricView>))]
internal enum MetricView
{
    Traces = 1,
    Spans = 2,
    Assessments = 3,
}

[JsonConverter(typeof(WireEnumConverter<AggregationType>))]
internal enum AggregationType
{
    Count = 1,
    Sum = 2,
    Avg = 3,
    Percentile = 4,
    Min = 5,
    Max = 6,
}

internal sealed record TraceMetricsResponse(List<MetricDataPointBody> DataPoints);

internal sealed record MetricDataPointBody(string MetricName, Dictionary<string, string>? Dimensions, Dictionary<string, double> Values);

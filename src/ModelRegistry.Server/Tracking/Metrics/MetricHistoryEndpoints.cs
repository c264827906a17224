using System.Text.Json;
using System.Text.Json.Serialization;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.Metrics;

/// <summary>Calls that read the points of a metric: page by page, or of many runs at once for charts.</summary>
internal sealed class MetricHistoryEndpoints(MetricHistoryStore history)
{
    private const int MaxBulkPoints = 25_000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Get<GetMetricHistoryRequest, MetricHistoryResponse>("metrics/get-history", GetAsync).RequirePermission(Permission.Read, Resource.Run);
        rpc.Get<GetMetricHistoryBulkRequest, MetricHistoryBulkResponse>("metrics/get-history-bulk", GetBulkAsync, ApiVersion.AjaxV2)
            .RequirePermission(Permission.Read, Resource.Run);
        rpc.Get<GetMetricHistoryIntervalRequest, MetricHistoryIntervalResponse>("metrics/get-history-bulk-interval", GetIntervalAsync)
            .RequirePermission(Permission.Read, Resource.Run);
    }

    /// <summary>All values of a metric of a run.</summary>
    private async Task<MetricHistoryResponse> GetAsync(GetMetricHistoryRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        // Absent is 0 on this wire, and 0 is a page of nothing: a token for offset 0 then says whether there are points.
        var limit = Math.Max(0, request.MaxResults ?? 0);
        var start = PageToken.Read(request.PageToken);
        var page = await history.ListAsync(context.Workspace, request.RunId!, request.MetricKey, start, limit, cancellationToken);
        return new MetricHistoryResponse(page.Points.ConvertAll(RunMetricBody.From), page.NextPageToken);
    }

    /// <summary>All values of a metric of up to 100 runs.</summary>
    private async Task<MetricHistoryBulkResponse> GetBulkAsync(
        GetMetricHistoryBulkRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(request.MaxResults ?? MaxBulkPoints, 0, MaxBulkPoints);
        var points = await history.ListBulkAsync(context.Workspace, request.RunId!, request.MetricKey!, limit, cancellationToken);
        return new MetricHistoryBulkResponse([.. points.Select(BulkPointBody.From)]);
    }

    /// <summary>Values of a metric of up to 100 runs, thinned out to at most 2500 steps.</summary>
    private async Task<MetricHistoryIntervalResponse> GetIntervalAsync(
        GetMetricHistoryIntervalRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var points = await history.SampleAsync(context.Workspace, request.RunIds, request.MetricKey, request.ToSampling(), cancellationToken);
        return new MetricHistoryIntervalResponse([.. points.Select(IntervalPointBody.From)]);
    }
}

internal sealed record GetMetricHistoryRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="GetRunRequest.RunUuid"/>
    public string? RunUuid { get => null; set => RunId ??= value; }

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string MetricKey { get; set; } = null!;

    [Must(Be.Text)]
    public string? PageToken { get; set; }

    public int? MaxResults { get; set; }
}

internal sealed record MetricHistoryResponse(List<RunMetricBody> Metrics, string? NextPageToken);

internal sealed record GetMetricHistoryBulkRequest : ICheckedRequest
{
    private const int MaxRuns = 100;

    public List<string>? RunId { get; set; }

    public string? MetricKey { get; set; }

    public int? MaxResults { get; set; }

    public void Check()
    {
        if (RunId is null or [])
            throw ApiException.Invalid("GetMetricHistoryBulk request must specify at least one run_id.");
        if (RunId.Count > MaxRuns)
            throw ApiException.Invalid($"GetMetricHistoryBulk request cannot specify more than {MaxRuns} run_ids. Received {RunId.Count} run_ids.");
        if (MetricKey is null)
            throw ApiException.Invalid("GetMetricHistoryBulk request must specify a metric_key.");
    }
}

/// <summary>Not a <see cref="List{T}"/>: this call sends the empty list too.</summary>
internal sealed record MetricHistoryBulkResponse(IReadOnlyCollection<BulkPointBody> Metrics);

internal sealed record BulkPointBody(
    string Key, string RunId, long Step, long Timestamp, [property: JsonConverter(typeof(PythonFloatConverter))] double Value)
{
    public static BulkPointBody From(LatestMetricRow row) =>
        new(row.Key, row.RunUuid, row.Step, row.Timestamp ?? 0, row.IsNan ? double.NaN : row.Value);
}

/// <summary>A number as Python's JSON writes it: this call alone is not protobuf, so NaN is a bare word.</summary>
internal sealed class PythonFloatConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsNaN(value))
            writer.WriteRawValue("NaN", skipInputValidation: true);
        else
            writer.WriteNumberValue(value);
    }
}

internal sealed record GetMetricHistoryIntervalRequest : ICheckedRequest
{
    private const int MaxRuns = 100;
    private const int MaxSteps = 2500;

    [Must(Be.ListOfText | Be.Required)]
    public List<string> RunIds { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string MetricKey { get; set; } = null!;

    [Must(Be.Integer)]
    public long? StartStep { get; set; }

    [Must(Be.Integer)]
    public long? EndStep { get; set; }

    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    public void Check()
    {
        const string SeeDocs = " See the API docs for more information about request parameters.";
        if (RunIds!.Count > MaxRuns)
            throw ApiException.Invalid($"GetMetricHistoryBulkInterval request must specify at most {MaxRuns} run_ids. Received {RunIds.Count} run_ids.{SeeDocs}");
        if (MaxResults is < 1 or > MaxSteps)
            throw ApiException.Invalid($"max_results must be between 1 and {MaxSteps}.{SeeDocs}");
        if (StartStep is null != EndStep is null)
            throw ApiException.Invalid("If either start step or end step are specified, both must be specified.");
        if (StartStep > EndStep)
            throw ApiException.Invalid($"end_step must be greater than start_step. Found start_step={StartStep} and end_step={EndStep}.");
    }

    /// <summary>Without a range it spans 0 to the last step, so that negative steps are left out.</summary>
    public MetricSampling ToSampling() => new(StartStep ?? 0, EndStep ?? long.MaxValue, (int)(MaxResults ?? MaxSteps));
}

internal sealed record MetricHistoryIntervalResponse(List<IntervalPointBody> Metrics);

internal sealed record IntervalPointBody(string Key, double Value, long Timestamp, long Step, string RunId)
{
    public static IntervalPointBody From(LatestMetricRow row) =>
        new(row.Key, row.IsNan ? double.NaN : row.Value, row.Timestamp ?? 0, row.Step, row.RunUuid);
}

using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces;

/// <summary>The calls of MLflow 3 that write and read traces.</summary>
internal sealed class TraceEndpoints(TraceStore traces, TrackingDatabase database, TimeProvider time)
{
    /// <summary>How long to wait for spans that are still on their way, one time after the other.</summary>
    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<StartTraceRequest, TraceResponse>("traces", StartAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<TraceIdRequest, TraceResponse>("traces/{trace_id}", GetInfoAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<GetTraceRequest, TraceResponse>("traces/get", GetAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<TraceIdsRequest, TracesResponse>("traces/batchGet", BatchGetAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Post<TraceIdsRequest, TraceInfosResponse>("traces/batchGetInfos", BatchGetInfosAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Experiment);
    }

    /// <summary>Creates a trace; its spans come separately.</summary>
    private async Task<TraceResponse> StartAsync(StartTraceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var trace = (request.Trace?.TraceInfo ?? new TraceInfoInput()).ToTrace(time.GetUtcNow().ToUnixTimeMilliseconds());
        return TraceResponse.Of(await traces.StartAsync(context.Caller, trace, cancellationToken));
    }

    /// <summary>What is known of a trace, without its spans.</summary>
    private async Task<TraceResponse> GetInfoAsync(TraceIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        TraceResponse.Of(await traces.GetAsync(context.Workspace, request.TraceId!, cancellationToken));

    /// <summary>A trace with its spans.</summary>
    private async Task<TraceResponse> GetAsync(GetTraceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var isPartial = request.AllowPartial ?? false;
        for (var attempt = 0; ; attempt++)
        {
            var trace = await database.ReadAsync(
                async scope => (await SpannedTrace.ListAsync(scope, context.Workspace, [request.TraceId])).SingleOrDefault(), cancellationToken)
                ?? throw ApiException.NotFound($"Trace with ID {request.TraceId} is not found.");
            if (isPartial || (trace.IsComplete && trace.Spans.Count > 0))
                return new TraceResponse(trace.ToBody());
            if (attempt == Waits.Length)
                throw ApiException.NotFound($"Trace with ID {request.TraceId} is not fully exported yet, please try again later.");
            await Task.Delay(Waits[attempt], time, cancellationToken);
        }
    }

    /// <summary>Several traces with their spans.</summary>
    private async Task<TracesResponse> BatchGetAsync(TraceIdsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(scope => SpannedTrace.ListAsync(scope, context.Workspace, request.TraceIds ?? []), cancellationToken);
        return new TracesResponse([.. found.Where(trace => trace.IsComplete && trace.Spans.Count > 0).Select(trace => trace.ToBody())]);
    }

    /// <summary>What is known of several traces, without their spans.</summary>
    private async Task<TraceInfosResponse> BatchGetInfosAsync(TraceIdsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var found = await traces.ListAsync(context.Workspace, request.TraceIds ?? [], cancellationToken);
        return new TraceInfosResponse(found.ConvertAll(TraceInfoBody.From));
    }
}

internal sealed record StartTraceRequest
{
    [Must(Be.Required)]
    public TraceInput? Trace { get; set; }
}

internal sealed record TraceInput
{
    public TraceInfoInput? TraceInfo { get; set; }
}

internal sealed record TraceIdRequest
{
    public string? TraceId { get; set; }
}

internal sealed record GetTraceRequest
{
    [Must(Be.Text | Be.Required)]
    public string TraceId { get; set; } = null!;

    [Must(Be.Bool)]
    public bool? AllowPartial { get; set; }
}

internal sealed record TraceIdsRequest
{
    [Must(Be.List | Be.Required | Be.ListOfText)]
    public List<string> TraceIds { get; set; } = null!;
}

internal sealed record TraceResponse(TraceBody Trace)
{
    public static TraceResponse Of(Trace trace) => new(new TraceBody(TraceInfoBody.From(trace), []));
}

internal sealed record TracesResponse(List<TraceBody> Traces);

internal sealed record TraceInfosResponse(List<TraceInfoBody> TraceInfos);

internal sealed record TraceBody(TraceInfoBody TraceInfo, List<SpanBody> Spans);

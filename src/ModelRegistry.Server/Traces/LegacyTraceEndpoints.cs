using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Traces;

/// <summary>The calls of MLflow 2 that write and read traces.</summary>
internal sealed class LegacyTraceEndpoints(TraceStore traces)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<StartTraceV2Request, TraceInfoV2Response>("traces", StartAsync).RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Patch<EndTraceV2Request, TraceInfoV2Response>("traces/{request_id}", EndAsync).RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<RequestIdRequest, TraceInfoV2Response>("traces/{request_id}/info", GetAsync)
            .RequirePermission(Permission.Read, Resource.Experiment);
    }

    /// <summary>Begins a trace, for clients before 3.0.</summary>
    private async Task<TraceInfoV2Response> StartAsync(StartTraceV2Request request, RequestContext context, CancellationToken cancellationToken)
    {
        var items = new TraceItemInputs(TraceItemInput.Map(request.Tags), TraceItemInput.Map(request.RequestMetadata));
        var trace = await traces.OpenAsync(context.Caller, request.ExperimentId ?? "", request.TimestampMs ?? 0, items, cancellationToken);
        return new TraceInfoV2Response(TraceInfoV2Body.From(trace));
    }

    /// <summary>Ends a trace, for clients before 3.0.</summary>
    private async Task<TraceInfoV2Response> EndAsync(EndTraceV2Request request, RequestContext context, CancellationToken cancellationToken)
    {
        var items = new TraceItemInputs(TraceItemInput.Map(request.Tags), TraceItemInput.Map(request.RequestMetadata));
        var state = WireEnumConverter<TraceState>.NameOf((TraceState)(request.Status ?? TraceStatus.TraceStatusUnspecified));
        var trace = await traces.CloseAsync(context.Caller, request.RequestId!, request.TimestampMs ?? 0, state, items, cancellationToken);
        return new TraceInfoV2Response(TraceInfoV2Body.From(trace));
    }

    /// <summary>What is known of a trace, for clients before 3.0.</summary>
    private async Task<TraceInfoV2Response> GetAsync(RequestIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(TraceInfoV2Body.From(await traces.GetAsync(context.Workspace, request.RequestId!, cancellationToken)));
}

internal sealed record StartTraceV2Request : TraceItemsV2Request
{
    [Must(Be.Text)]
    public string? ExperimentId { get; set; }

    [Must(Be.Integer)]
    public long? TimestampMs { get; set; }
}

internal sealed record EndTraceV2Request : TraceItemsV2Request
{
    public string? RequestId { get; set; }

    [Must(Be.Integer)]
    public long? TimestampMs { get; set; }

    [Must(Be.Text)]
    public TraceStatus? Status { get; set; }
}

/// <remarks>Behind the requests that have more: fields are checked in the order in which they stand in this file.</remarks>
internal abstract record TraceItemsV2Request : ICheckedRequest
{
    [Must(Be.List)]
    public List<TraceItemInput>? RequestMetadata { get; set; }

    [Must(Be.List)]
    public List<TraceItemInput>? Tags { get; set; }

    public void Check()
    {
        TraceItemInput.Check(RequestMetadata, "request_metadata");
        TraceItemInput.Check(Tags, "tags");
    }
}

internal sealed record RequestIdRequest
{
    public string? RequestId { get; set; }
}

internal sealed record TraceInfoV2Response(TraceInfoV2Body TraceInfo);

using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Traces;

/// <summary>Tags of traces, in both versions of the API.</summary>
internal sealed class TraceTagEndpoints(TrackingWriter writer, ServerOptions options)
{
    private const int MaxKey = 250;
    private const int MaxValue = 8000;

    public void Map(RpcRoutes rpc)
    {
        rpc.Patch<SetTraceTagRequest, EmptyResponse>("traces/{trace_id}/tags", SetAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Delete<DeleteTraceTagRequest, EmptyResponse>("traces/{trace_id}/tags", DeleteAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Patch<SetTraceTagRequest, EmptyResponse>("traces/{request_id}/tags", SetAsync).RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Delete<DeleteTraceTagRequest, EmptyResponse>("traces/{request_id}/tags", DeleteAsync)
            .RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Sets a tag of a trace: 250 characters of key, 8000 of value.</summary>
    private async Task<EmptyResponse> SetAsync(SetTraceTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        KeyRules.Check(request.Key ?? "", "key");
        KeyRules.CheckLength("key", request.Key, MaxKey);
        var (traceId, value) = (request.TraceId ?? request.RequestId!, KeyRules.Fit("value", request.Value ?? "", MaxValue, options.TruncateLongValues));
        await writer.WriteUnauditedAsync(
            async scope =>
            {
                if (!await TraceReader.ExistsAsync(scope, context.Workspace, traceId))
                    throw ApiException.BadRequest($"Trace with ID '{traceId}' not found.");
                await TraceItems.UpsertAsync(scope, "trace_tags", [[traceId, request.Key, value]]);
            },
            cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of a trace.</summary>
    private async Task<EmptyResponse> DeleteAsync(DeleteTraceTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var traceId = request.TraceId ?? request.RequestId!;
        await writer.WriteUnauditedAsync(
            async scope =>
            {
                var isThere = await TraceReader.ExistsAsync(scope, context.Workspace, traceId);
                if (!isThere || await scope.ExecuteAsync(
                    "DELETE FROM trace_tags WHERE request_id = @traceId AND \"key\" = @Key", new { traceId, request.Key }) == 0)
                    throw ApiException.NotFound($"No trace tag with key '{request.Key}' for trace with ID '{traceId}'");
            },
            cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record SetTraceTagRequest
{
    public string? TraceId { get; set; }

    public string? RequestId { get; set; }

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;

    [Must(Be.Text)]
    public string? Value { get; set; }
}

internal sealed record DeleteTraceTagRequest
{
    public string? TraceId { get; set; }

    public string? RequestId { get; set; }

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;
}

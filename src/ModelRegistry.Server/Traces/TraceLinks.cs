using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Traces;

/// <summary>Links traces to runs and prompt versions; linking twice is linking once.</summary>
internal sealed class TraceLinks(TrackingWriter writer, TimeProvider time)
{
    private const int MaxTraces = 100;
    private static readonly string[] Columns = ["association_id", "source_type", "source_id", "destination_type", "destination_id", "created_time"];

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<LinkTracesRequest, EmptyResponse>("traces/link-to-run", LinkToRunAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LinkPromptsRequest, EmptyResponse>("traces/link-prompts", LinkPromptsAsync).RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Links up to 100 traces to a run.</summary>
    private async Task<EmptyResponse> LinkToRunAsync(LinkTracesRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var traceIds = request.TraceIds ?? [];
        if (traceIds.Count > MaxTraces)
            throw ApiException.Invalid($"Cannot link more than {MaxTraces} traces to a run in a single request. Provided {traceIds.Count} traces.");
        await LinkAsync(context.Caller, [.. traceIds.Distinct().Select(traceId => (traceId, "run", request.RunId))], cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Links versions of prompts to a trace.</summary>
    private async Task<EmptyResponse> LinkPromptsAsync(LinkPromptsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var prompts = (request.PromptVersions ?? []).Select(prompt => $"{prompt.Name}/{prompt.Number}").Distinct();
        await LinkAsync(context.Caller, [.. prompts.Select(prompt => (request.TraceId, "prompt_version", prompt))], cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <remarks>As in MLflow neither end needs to exist, for the link may come first; but what exists must be the caller's own.</remarks>
    private Task LinkAsync(Caller caller, List<(string TraceId, string Type, string Id)> links, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        object?[][] rows = [.. links.Select(link => new object?[] { Guid.NewGuid().ToString("N"), "trace", link.TraceId, link.Type, link.Id, now })];
        return writer.WriteUnauditedAsync(
            async scope =>
            {
                await RefuseForeignAsync(scope, caller.Workspace, links);
                await scope.InsertAsync(
                    "entity_associations", Columns, rows,
                    scope.Dialect.OnConflictNothing("source_type, source_id, destination_type, destination_id"));
            },
            cancellationToken);
    }

    private static async Task RefuseForeignAsync(SqlScope scope, Workspace workspace, List<(string TraceId, string Type, string Id)> links)
    {
        var parameters = new { traces = links.Select(link => link.TraceId), ends = links.Select(link => link.Id).Distinct(), workspace = workspace.Name };
        var trace = await scope.FindAsync<string>(
            """
            SELECT t.request_id FROM trace_info t JOIN experiments e ON e.experiment_id = t.experiment_id
            WHERE t.request_id IN @traces AND e.workspace <> @workspace LIMIT 1
            """,
            parameters);
        if (trace is not null)
            throw TraceReader.NotFound(trace);
        var run = await scope.FindAsync<string>(
            """
            SELECT r.run_uuid FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
            WHERE r.run_uuid IN @ends AND e.workspace <> @workspace LIMIT 1
            """,
            parameters);
        if (run is not null)
            throw ApiException.NotFound($"Run with id={run} not found");
    }
}

internal sealed record LinkTracesRequest
{
    [Must(Be.List | Be.Required | Be.ListOfText)]
    public List<string> TraceIds { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;
}

internal sealed record LinkPromptsRequest
{
    [Must(Be.Text | Be.Required)]
    public string TraceId { get; set; } = null!;

    [Must(Be.List | Be.Required)]
    public List<PromptVersionInput> PromptVersions { get; set; } = null!;
}

internal sealed record PromptVersionInput
{
    public string? Name { get; set; }

    public string? Version { get; set; }

    /// <summary>The version without leading zeros and signs.</summary>
    /// <exception cref="ApiException">It is no number.</exception>
    public long Number => long.TryParse(Version, System.Globalization.CultureInfo.InvariantCulture, out var number)
        ? number
        : throw ApiException.Invalid($"Invalid prompt version: '{Version}'. It must be an integer.");
}

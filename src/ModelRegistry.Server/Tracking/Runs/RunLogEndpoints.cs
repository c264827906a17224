using System.Globalization;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Calls that write into a run: metrics, parameters, tags.</summary>
internal sealed class RunLogEndpoints(RunWriter log, ParamStore parameters, RunTagStore tags, RunRules rules)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<LogMetricRequest, EmptyResponse>("runs/log-metric", LogMetricAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LogPairRequest, EmptyResponse>("runs/log-parameter", LogParamAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LogBatchRequest, EmptyResponse>("runs/log-batch", LogBatchAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LogModelRequest, EmptyResponse>("runs/log-model", LogModelAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LogPairRequest, EmptyResponse>("runs/set-tag", SetTagAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<DeleteTagRequest, EmptyResponse>("runs/delete-tag", DeleteTagAsync).RequirePermission(Permission.Edit, Resource.Run);
    }

    /// <summary>Logs one value of a metric.</summary>
    private async Task<EmptyResponse> LogMetricAsync(LogMetricRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await log.LogMetricAsync(context.Caller, request.RunId!, RunRules.Check(request.ToMetric()), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Logs a parameter, whose value has 6000 characters at most and does not change.</summary>
    private async Task<EmptyResponse> LogParamAsync(LogPairRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await parameters.LogAsync(context.Caller, request.RunId!, rules.CheckParam(request.Key, request.Value ?? ""), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Logs up to 1000 metrics, 100 parameters and 100 tags of a run, 1000 in all.</summary>
    private async Task<EmptyResponse> LogBatchAsync(LogBatchRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        RunRules.CheckRunId(request.RunId);
        await log.LogBatchAsync(context.Caller, request.RunId, LogBatchRules.Check(request, rules), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Logs a model that a run has made, for clients before 3.0.</summary>
    private async Task<EmptyResponse> LogModelAsync(LogModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await tags.AppendModelAsync(context.Caller, request.RunId, ModelInfo.ToHistoryEntry(request.ModelJson), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sets a tag of a run: 250 characters of key, 8000 of value.</summary>
    private async Task<EmptyResponse> SetTagAsync(LogPairRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var tag = rules.CheckTag(request.Key, request.Value ?? "");
        await tags.SetAsync(context.Caller, request.RunId!, tag.Key, tag.Value!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of a run.</summary>
    private async Task<EmptyResponse> DeleteTagAsync(DeleteTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await tags.DeleteAsync(context.Caller, request.RunId, request.Key, cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record LogMetricRequest
{
    [Must(Be.Text | Be.Required)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="GetRunRequest.RunUuid"/>
    public string? RunUuid { get => null; set => RunId ??= value; }

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;

    [Must(Be.Number | Be.Required)]
    public double? Value { get; set; }

    [Must(Be.TypeFirst | Be.Integer | Be.Required)]
    public long? Timestamp { get; set; }

    [Must(Be.Integer)]
    public long? Step { get; set; }

    [Must(Be.Text)]
    public string? ModelId { get; set; }

    [Must(Be.Text)]
    public string? DatasetName { get; set; }

    [Must(Be.Text)]
    public string? DatasetDigest { get; set; }

    public MetricInput ToMetric() => new()
    {
        Key = Key,
        Value = Value,
        Timestamp = Timestamp,
        Step = Step,
        ModelId = ModelId,
        DatasetName = DatasetName,
        DatasetDigest = DatasetDigest,
    };
}

internal sealed record MetricInput
{
    public string? Key { get; set; }

    public double? Value { get; set; }

    public long? Timestamp { get; set; }

    public long? Step { get; set; }

    public string? ModelId { get; set; }

    public string? DatasetName { get; set; }

    public string? DatasetDigest { get; set; }
}

/// <summary>A parameter or a tag.</summary>
internal sealed record LogPairRequest
{
    [Must(Be.Text | Be.Required)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="GetRunRequest.RunUuid"/>
    public string? RunUuid { get => null; set => RunId ??= value; }

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;

    [Must(Be.Text)]
    public string? Value { get; set; }
}

internal sealed record RunParamInput
{
    public string? Key { get; set; }

    public string? Value { get; set; }
}

internal sealed record LogBatchRequest : ICheckedRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;

    [Must(Be.List)]
    public List<MetricInput>? Metrics { get; set; }

    [Must(Be.List)]
    public List<RunParamInput>? Params { get; set; }

    [Must(Be.List)]
    public List<RunTagInput>? Tags { get; set; }

    public void Check()
    {
        for (var i = 0; i < Metrics?.Count; i++)
        {
            Require(!string.IsNullOrEmpty(Metrics[i].Key), "metrics", i, "key");
            Require(Metrics[i].Value is not null, "metrics", i, "value");
            Require(Metrics[i].Timestamp is not null, "metrics", i, "timestamp");
        }

        for (var i = 0; i < Params?.Count; i++)
            Require(!string.IsNullOrEmpty(Params[i].Key), "params", i, "key");
        for (var i = 0; i < Tags?.Count; i++)
            Require(!string.IsNullOrEmpty(Tags[i].Key), "tags", i, "key");
    }

    private static void Require(bool isPresent, string list, int index, string field)
    {
        if (!isPresent)
            throw ApiException.Missing(string.Create(CultureInfo.InvariantCulture, $"{list}[{index}].{field}"));
    }
}

internal sealed record LogModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string ModelJson { get; set; } = null!;
}

internal sealed record DeleteTagRequest
{
    [Must(Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;
}

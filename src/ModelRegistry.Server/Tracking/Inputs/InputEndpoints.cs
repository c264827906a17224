using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>Calls that say what a run read and made.</summary>
internal sealed class InputEndpoints(InputStore inputs)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<LogInputsRequest, EmptyResponse>("runs/log-inputs", LogInputsAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<LogOutputsRequest, EmptyResponse>("runs/outputs", LogOutputsAsync).RequirePermission(Permission.Edit, Resource.Run);
    }

    /// <summary>Adds datasets and models that a run uses.</summary>
    private async Task<EmptyResponse> LogInputsAsync(LogInputsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        RunRules.CheckRunId(request.RunId);
        foreach (var dataset in request.Datasets ?? [])
            InputRules.Check(dataset);
        List<DatasetInputBody> datasets = [.. (request.Datasets ?? []).Select(part => part.ToBody())];
        List<string> models = [.. (request.Models ?? []).Select(model => model.ModelId ?? "")];
        await inputs.LogInputsAsync(context.Caller, request.RunId, datasets, models, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Adds models that a run has made.</summary>
    private async Task<EmptyResponse> LogOutputsAsync(LogOutputsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        List<ModelOutputBody> models = [.. request.Models.Select(model => new ModelOutputBody(model.ModelId ?? "", model.Step ?? 0))];
        await inputs.LogOutputsAsync(context.Caller, request.RunId, models, cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record LogInputsRequest
{
    [Must(Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;

    [Must(Be.List)]
    public List<DatasetInputPart>? Datasets { get; set; }

    [Must(Be.List)]
    public List<ModelPart>? Models { get; set; }
}

internal sealed record DatasetInputPart
{
    public List<InputTagPart>? Tags { get; set; }

    public DatasetPart? Dataset { get; set; }

    public DatasetInputBody ToBody() => new(
        [.. (Tags ?? []).Select(tag => new InputTagBody(tag.Key ?? "", tag.Value ?? ""))],
        new DatasetBody(
            Dataset?.Name ?? "", Dataset?.Digest ?? "", Dataset?.SourceType ?? "", Dataset?.Source ?? "", Dataset?.Schema, Dataset?.Profile));
}

internal sealed record InputTagPart
{
    public string? Key { get; set; }

    public string? Value { get; set; }
}

internal sealed record DatasetPart
{
    public string? Name { get; set; }

    public string? Digest { get; set; }

    public string? SourceType { get; set; }

    public string? Source { get; set; }

    public string? Schema { get; set; }

    public string? Profile { get; set; }
}

internal sealed record LogOutputsRequest
{
    [Must(Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;

    [Must(Be.List | Be.Required)]
    public List<ModelPart> Models { get; set; } = null!;
}

/// <summary>A model read (without a step) or made.</summary>
internal sealed record ModelPart
{
    public string? ModelId { get; set; }

    public long? Step { get; set; }
}

using System.Buffers;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.Experiments;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking.LoggedModels;

/// <summary>The <c>logged-models</c> calls about one model; its files are the business of the artifact routes.</summary>
internal sealed class LoggedModelEndpoints(LoggedModelStore models, LoggedModelPairStore pairs)
{
    // Names become parts of models:/ URIs and of paths.
    private static readonly SearchValues<char> ForbiddenInNames = SearchValues.Create("/:.%\"'");

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateLoggedModelRequest, LoggedModelResponse>("logged-models", CreateAsync).RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<GetLoggedModelRequest, LoggedModelResponse>("logged-models/{model_id}", GetAsync).RequirePermission(Permission.Read, Resource.LoggedModel);
        rpc.Patch<FinalizeLoggedModelRequest, LoggedModelResponse>("logged-models/{model_id}", FinalizeAsync)
            .RequirePermission(Permission.Edit, Resource.LoggedModel);
        rpc.Delete<LoggedModelIdRequest, EmptyResponse>("logged-models/{model_id}", DeleteAsync)
            .RequirePermission(Permission.Manage, Resource.LoggedModel);
        rpc.Patch<SetLoggedModelTagsRequest, EmptyResponse>("logged-models/{model_id}/tags", SetTagsAsync)
            .RequirePermission(Permission.Edit, Resource.LoggedModel);
        rpc.Delete<DeleteLoggedModelTagRequest, EmptyResponse>("logged-models/{model_id}/tags/{tag_key}", DeleteTagAsync)
            .RequirePermission(Permission.Manage, Resource.LoggedModel);
        rpc.Post<LogLoggedModelParamsRequest, EmptyResponse>("logged-models/{model_id}/params", LogParamsAsync)
            .RequirePermission(Permission.Edit, Resource.LoggedModel);
    }

    /// <summary>Creates a logged model in an experiment.</summary>
    private async Task<LoggedModelResponse> CreateAsync(CreateLoggedModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var name = string.IsNullOrEmpty(request.Name) ? RunNames.Next() : request.Name;
        if (name.AsSpan().ContainsAny(ForbiddenInNames))
        {
            throw ApiException.Invalid(
                $"Invalid model name ({PythonText.Repr(name)}) provided. Model name must be a non-empty string and cannot contain the following"
                + " characters: ('/', ':', '.', '%', '\"', \"'\")");
        }

        var model = new NewLoggedModel(
            ExperimentRules.ParseId(request.ExperimentId),
            name,
            request.ModelType ?? "",
            request.SourceRunId ?? "",
            LoggedModelPairPart.ToBodies(request.Params),
            LoggedModelPairPart.ToBodies(request.Tags));
        return new LoggedModelResponse(await models.CreateAsync(context.Caller, model, cancellationToken));
    }

    /// <summary>One logged model.</summary>
    private async Task<LoggedModelResponse> GetAsync(GetLoggedModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var allowDeleted = string.Equals(request.AllowDeleted, "true", StringComparison.OrdinalIgnoreCase);
        return new LoggedModelResponse(await models.GetAsync(context.Workspace, request.ModelId!, allowDeleted, cancellationToken));
    }

    /// <summary>Says whether the files of a logged model are complete.</summary>
    private async Task<LoggedModelResponse> FinalizeAsync(
        FinalizeLoggedModelRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(await models.SetStatusAsync(context.Caller, request.ModelId, request.Status!.Value, cancellationToken));

    /// <summary>Marks a logged model as deleted.</summary>
    private async Task<EmptyResponse> DeleteAsync(LoggedModelIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await models.DeleteAsync(context.Caller, request.ModelId!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sets tags of a logged model.</summary>
    private async Task<EmptyResponse> SetTagsAsync(SetLoggedModelTagsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await pairs.SetTagsAsync(context.Caller, request.ModelId!, LoggedModelPairPart.ToBodies(request.Tags), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of a logged model.</summary>
    private async Task<EmptyResponse> DeleteTagAsync(
        DeleteLoggedModelTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await pairs.DeleteTagAsync(context.Caller, request.ModelId!, request.TagKey!, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Adds parameters to a logged model.</summary>
    private async Task<EmptyResponse> LogParamsAsync(
        LogLoggedModelParamsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await pairs.LogParamsAsync(context.Caller, request.ModelId, LoggedModelPairPart.ToBodies(request.Params), cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record CreateLoggedModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Text)]
    public string? Name { get; set; }

    [Must(Be.Text)]
    public string? ModelType { get; set; }

    [Must(Be.Text)]
    public string? SourceRunId { get; set; }

    [Must(Be.List)]
    public List<LoggedModelPairPart>? Params { get; set; }

    [Must(Be.List)]
    public List<LoggedModelPairPart>? Tags { get; set; }
}

internal sealed record LoggedModelPairPart
{
    public string? Key { get; set; }

    public string? Value { get; set; }

    public static List<LoggedModelPairBody> ToBodies(List<LoggedModelPairPart>? parts) =>
        [.. (parts ?? []).Select(part => new LoggedModelPairBody(part.Key ?? "", part.Value ?? ""))];
}

internal sealed record LoggedModelResponse(LoggedModelBody Model);

internal sealed record LoggedModelIdRequest
{
    public string? ModelId { get; set; }
}

internal sealed record GetLoggedModelRequest
{
    public string? ModelId { get; set; }

    /// <summary>Text, because MLflow takes everything but "true" as false.</summary>
    public string? AllowDeleted { get; set; }
}

internal sealed record FinalizeLoggedModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string ModelId { get; set; } = null!;

    [Must(Be.Integer | Be.Required)]
    public LoggedModelStatus? Status { get; set; }
}

internal sealed record SetLoggedModelTagsRequest
{
    public string? ModelId { get; set; }

    [Must(Be.List)]
    public List<LoggedModelPairPart>? Tags { get; set; }
}

internal sealed record DeleteLoggedModelTagRequest
{
    public string? ModelId { get; set; }

    public string? TagKey { get; set; }
}

internal sealed record LogLoggedModelParamsRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string ModelId { get; set; } = null!;

    [Must(Be.List)]
    public List<LoggedModelPairPart>? Params { get; set; }
}

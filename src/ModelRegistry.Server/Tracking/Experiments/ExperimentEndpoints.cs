using System.Globalization;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>Calls that concern one experiment.</summary>
internal sealed class ExperimentEndpoints(ExperimentStore experiments, ExperimentTagStore tags, ServerOptions options)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateExperimentRequest, CreateExperimentResponse>("experiments/create", CreateAsync)
            .RequirePermission(Permission.Authenticated, Resource.Experiment);
        rpc.Get<ExperimentIdRequest, ExperimentResponse>("experiments/get", GetAsync)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<GetExperimentByNameRequest, ExperimentResponse>("experiments/get-by-name", GetByNameAsync)
            .RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Post<UpdateExperimentRequest, EmptyResponse>("experiments/update", UpdateAsync)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Post<ExperimentIdRequest, EmptyResponse>("experiments/delete", DeleteAsync)
            .RequirePermission(Permission.Manage, Resource.Experiment);
        rpc.Post<ExperimentIdRequest, EmptyResponse>("experiments/restore", RestoreAsync)
            .RequirePermission(Permission.Manage, Resource.Experiment);
        rpc.Post<SetExperimentTagRequest, EmptyResponse>("experiments/set-experiment-tag", SetTagAsync)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Post<DeleteExperimentTagRequest, EmptyResponse>("experiments/delete-experiment-tag", DeleteTagAsync)
            .RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Creates an experiment; its name has 500 characters at most.</summary>
    private async Task<CreateExperimentResponse> CreateAsync(
        CreateExperimentRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var location = string.IsNullOrEmpty(request.ArtifactLocation) ? null : request.ArtifactLocation;
        if (location is not null)
            ArtifactLocation.Check(location, "artifact_location", options.MaxArtifactLocation);
        ExperimentRules.CheckName(request.Name);
        if (location is not null)
        {
            location = ArtifactLocation.Resolve(location);
            ArtifactLocation.CheckLength(location, options.MaxArtifactLocation);
        }

        var pairs = (request.Tags ?? []).Select(tag => KeyValuePair.Create(tag.Key ?? "", tag.Value ?? "")).ToList();
        var id = await experiments.CreateAsync(context.Caller, request.Name, location, pairs, cancellationToken);
        return new CreateExperimentResponse(id.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>One experiment.</summary>
    private async Task<ExperimentResponse> GetAsync(ExperimentIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var experiment = await experiments.GetAsync(context.Workspace, ExperimentRules.ParseId(request.ExperimentId), cancellationToken);
        return new ExperimentResponse(ExperimentBody.From(experiment));
    }

    /// <summary>The experiment of this name.</summary>
    private async Task<ExperimentResponse> GetByNameAsync(
        GetExperimentByNameRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var experiment = await experiments.GetByNameAsync(context.Workspace, request.ExperimentName, cancellationToken);
        return new ExperimentResponse(ExperimentBody.From(experiment));
    }

    /// <summary>Renames an experiment.</summary>
    private async Task<EmptyResponse> UpdateAsync(UpdateExperimentRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ExperimentRules.CheckName(request.NewName);
        await experiments.RenameAsync(context.Caller, ExperimentRules.ParseId(request.ExperimentId), request.NewName, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Marks an experiment and its runs as deleted; they can be restored.</summary>
    private async Task<EmptyResponse> DeleteAsync(ExperimentIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await experiments.DeleteAsync(context.Caller, ExperimentRules.ParseId(request.ExperimentId), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Restores a deleted experiment and its runs.</summary>
    private async Task<EmptyResponse> RestoreAsync(ExperimentIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await experiments.RestoreAsync(context.Caller, ExperimentRules.ParseId(request.ExperimentId), cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sets a tag of an experiment: 250 characters of key, 5000 of value.</summary>
    private async Task<EmptyResponse> SetTagAsync(SetExperimentTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var value = request.Value ?? "";
        ExperimentRules.CheckTag(request.Key, value);
        await tags.SetAsync(context.Caller, ExperimentRules.ParseId(request.ExperimentId), request.Key, value, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of an experiment.</summary>
    private async Task<EmptyResponse> DeleteTagAsync(
        DeleteExperimentTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await tags.DeleteAsync(context.Caller, ExperimentRules.ParseId(request.ExperimentId), request.Key, cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record CreateExperimentRequest
{
    [Must(Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.Text)]
    public string? ArtifactLocation { get; set; }

    [Must(Be.List)]
    public List<ExperimentTagInput>? Tags { get; set; }
}

internal sealed record ExperimentTagInput
{
    public string? Key { get; set; }

    public string? Value { get; set; }
}

internal sealed record ExperimentIdRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;
}

internal sealed record GetExperimentByNameRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentName { get; set; } = null!;
}

internal sealed record UpdateExperimentRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string NewName { get; set; } = null!;
}

internal sealed record SetExperimentTagRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;

    [Must(Be.Text)]
    public string? Value { get; set; }
}

internal sealed record DeleteExperimentTagRequest
{
    [Must(Be.Text | Be.Required)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Text | Be.Required)]
    public string Key { get; set; } = null!;
}

internal sealed record CreateExperimentResponse(string ExperimentId);

internal sealed record ExperimentResponse(ExperimentBody Experiment);

internal sealed record ExperimentTagBody(string Key, string? Value);

internal sealed record ExperimentBody(
    string ExperimentId,
    string Name,
    string? ArtifactLocation,
    string LifecycleStage,
    long? LastUpdateTime,
    long? CreationTime,
    List<ExperimentTagBody> Tags)
{
    public static ExperimentBody From(Experiment experiment)
    {
        var row = experiment.Row;
        return new ExperimentBody(
            row.ExperimentId.ToString(CultureInfo.InvariantCulture),
            row.Name,
            row.ArtifactLocation,
            row.LifecycleStage,
            row.LastUpdateTime,
            row.CreationTime,
            [.. experiment.Tags.Select(tag => new ExperimentTagBody(tag.Key, tag.Value))]);
    }
}

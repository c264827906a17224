using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking.LoggedModels;

namespace ModelRegistry.Server.Registry;

/// <summary>The <c>model-versions</c> calls that concern the version itself.</summary>
internal sealed class ModelVersionEndpoints(
    ModelVersionStore versions, VersionLocator locator, SourceRules rules, ModelSource sources, LoggedModelLocator loggedModels, ModelCache cache)
{
    private static readonly CachedRead<ModelVersionRequest, ModelVersionResponse> Read =
        new(request => request.Name, request => $"version:{request.Version}", answer => answer.ModelVersion.Name);

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateModelVersionRequest, ModelVersionResponse>("model-versions/create", CreateAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        cache.Get(rpc, "model-versions/get", GetAsync, Read)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
        rpc.Patch<UpdateModelVersionRequest, ModelVersionResponse>("model-versions/update", UpdateAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Delete<ModelVersionRequest, EmptyResponse>("model-versions/delete", DeleteAsync)
            .RequirePermission(Permission.Manage, Resource.RegisteredModel);
        rpc.Get<GetDownloadUriRequest, DownloadUriResponse>("model-versions/get-download-uri", GetDownloadUriAsync)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
        rpc.Post<TransitionStageRequest, ModelVersionResponse>("model-versions/transition-stage", TransitionAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);

        // Not MLflow's: PHP clients update with POST.
        rpc.Post<UpdateModelVersionRequest, ModelVersionResponse>("model-versions/update", UpdateAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
    }

    /// <summary>Creates the next version of a registered model.</summary>
    private async Task<ModelVersionResponse> CreateAsync(
        CreateModelVersionRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var source = request.Source;
        var tags = RegistryTagBody.ToDictionary(request.Tags);
        var isPrompt = tags.ContainsKey(ModelRules.PromptTag);
        await rules.CheckAsync(context.Workspace, source, request.RunId, request.ModelId, isPrompt, cancellationToken);
        ModelRules.CheckName(request.Name);
        foreach (var tag in request.Tags ?? [])
            ModelRules.CheckVersionTag(tag.Key ?? "", tag.Value ?? "");

        var resolved = await sources.ResolveAsync(context.Workspace, source, request.RunId ?? "", cancellationToken);
        var loggedModel = isPrompt || string.IsNullOrEmpty(request.ModelId)
            ? null
            : await loggedModels.GetAsync(context.Workspace, request.ModelId, cancellationToken);
        var runId = resolved.RunId != "" ? resolved.RunId : loggedModel?.SourceRunId ?? "";
        var added = new NewModelVersion(
            request.Name, source, resolved.StorageLocation, runId, request.RunId, request.RunLink ?? "", request.Description ?? "", tags, loggedModel);
        return Answer(await versions.CreateAsync(context.Caller, added, cancellationToken));
    }

    /// <summary>One model version.</summary>
    private async Task<ModelVersionResponse> GetAsync(
        ModelVersionRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        return Answer(await versions.GetAsync(context.Workspace, request.Name, request.Version, cancellationToken));
    }

    /// <summary>Changes the description of a model version.</summary>
    private async Task<ModelVersionResponse> UpdateAsync(
        UpdateModelVersionRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        return Answer(await versions.UpdateAsync(context.Caller, request.Name, request.Version, request.Description, cancellationToken));
    }

    /// <summary>Deletes a model version.</summary>
    private async Task<EmptyResponse> DeleteAsync(ModelVersionRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        await versions.DeleteAsync(context.Caller, request.Name, request.Version, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Where the files of a model version are.</summary>
    private async Task<DownloadUriResponse> GetDownloadUriAsync(
        GetDownloadUriRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var name = request.Name ?? "";
        var version = request.Version ?? "";
        ModelRules.CheckName(name);
        var location = await locator.FindAsync(context.Workspace, name, ModelRules.ParseVersion(version), cancellationToken);
        return new DownloadUriResponse(location?.Uri ?? throw ModelRules.VersionNotFound(name, version));
    }

    /// <summary>Moves a model version to another stage. Aliases have taken the place of stages.</summary>
    private async Task<ModelVersionResponse> TransitionAsync(
        TransitionStageRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var stage = Stages.Parse(request.Stage);
        var archivesOthers = request.ArchiveExistingVersions ?? false;
        if (archivesOthers)
            Stages.CheckCanArchiveOthers(request.Stage);
        ModelRules.CheckName(request.Name);
        return Answer(await versions.TransitionAsync(context.Caller, request.Name, request.Version, stage, archivesOthers, cancellationToken));
    }

    private static ModelVersionResponse Answer(ModelVersion version) => new(ModelVersionBody.From(version));
}

internal sealed record CreateModelVersionRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Source { get; set; } = null!;

    [Must(Be.Text)]
    public string? RunId { get; set; }

    [Must(Be.List)]
    public List<RegistryTagBody>? Tags { get; set; }

    [Must(Be.Text)]
    public string? RunLink { get; set; }

    [Must(Be.Text)]
    public string? Description { get; set; }

    [Must(Be.Text)]
    public string? ModelId { get; set; }
}

/// <summary>Names a version; for get and delete.</summary>
internal sealed record ModelVersionRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Version { get; set; } = null!;
}

internal sealed record UpdateModelVersionRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Version { get; set; } = null!;

    [Must(Be.Text)]
    public string? Description { get; set; }
}

/// <summary>MLflow checks no field of this call before the store does.</summary>
internal sealed record GetDownloadUriRequest
{
    public string? Name { get; set; }

    public string? Version { get; set; }
}

internal sealed record TransitionStageRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Version { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Stage { get; set; } = null!;

    [Must(Be.Bool)]
    public bool? ArchiveExistingVersions { get; set; }
}

internal sealed record DownloadUriResponse(string ArtifactUri);

using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Registry;

/// <summary>The calls of <c>registered-models/alias</c>.</summary>
internal sealed class AliasEndpoints(AliasStore aliases, RegisteredModelStore models, ModelCache cache)
{
    private static readonly CachedRead<GetByAliasRequest, ModelVersionResponse> Read =
        new(request => request.Name, request => $"alias:{request.Alias}", answer => answer.ModelVersion.Name);

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<SetAliasRequest, EmptyResponse>("registered-models/alias", SetAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Delete<DeleteAliasRequest, EmptyResponse>("registered-models/alias", DeleteAsync)
            .RequirePermission(Permission.Manage, Resource.RegisteredModel);
        cache.Get(rpc, "registered-models/alias", GetVersionAsync, Read)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
    }

    /// <summary>Lets an alias of a registered model, of 255 characters at most, point to one of its versions.</summary>
    private async Task<EmptyResponse> SetAsync(SetAliasRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        ModelRules.CheckAlias(request.Alias);
        ModelRules.CheckAliasNotReserved(request.Alias);
        await aliases.SetAsync(context.Caller, request.Name, request.Alias, request.Version, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes an alias of a registered model.</summary>
    private async Task<EmptyResponse> DeleteAsync(DeleteAliasRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        ModelRules.CheckAlias(request.Alias);
        await aliases.DeleteAsync(context.Caller, request.Name, request.Alias, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>The model version that an alias points to.</summary>
    private async Task<ModelVersionResponse> GetVersionAsync(
        GetByAliasRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        ModelRules.CheckAlias(request.Alias);
        var version = ModelRules.IsLatest(request.Alias)
            ? await GetLatestAsync(context, request.Name, cancellationToken)
            : await aliases.GetVersionAsync(context.Workspace, request.Name, request.Alias, cancellationToken);
        return new ModelVersionResponse(ModelVersionBody.From(version));
    }

    /// <summary>MLflow's reading of "latest": the newest version in the stage of the oldest one, not the highest number.</summary>
    private async Task<ModelVersion> GetLatestAsync(RequestContext context, string name, CancellationToken cancellationToken) =>
        (await models.GetLatestVersionsAsync(context.Workspace, name, cancellationToken)).FirstOrDefault()
        ?? throw ApiException.NotFound($"Latest version not found for model {name}.");
}

internal sealed record SetAliasRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Alias { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Version { get; set; } = null!;
}

internal sealed record DeleteAliasRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Alias { get; set; } = null!;
}

internal sealed record GetByAliasRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Alias { get; set; } = null!;
}

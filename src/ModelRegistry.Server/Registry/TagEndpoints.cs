using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Registry;

/// <summary>Setting and deleting tags of models and versions.</summary>
internal sealed class TagEndpoints(TagStore tags)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<SetRegisteredModelTagRequest, EmptyResponse>("registered-models/set-tag", SetModelTagAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Delete<DeleteRegisteredModelTagRequest, EmptyResponse>("registered-models/delete-tag", DeleteModelTagAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Post<SetModelVersionTagRequest, EmptyResponse>("model-versions/set-tag", SetVersionTagAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Delete<DeleteModelVersionTagRequest, EmptyResponse>("model-versions/delete-tag", DeleteVersionTagAsync)
            .RequirePermission(Permission.Manage, Resource.RegisteredModel);

        // Not MLflow's: PHP clients delete tags with POST.
        rpc.Post<DeleteRegisteredModelTagRequest, EmptyResponse>("registered-models/delete-tag", DeleteModelTagAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Post<DeleteModelVersionTagRequest, EmptyResponse>("model-versions/delete-tag", DeleteVersionTagAsync)
            .RequirePermission(Permission.Manage, Resource.RegisteredModel);
    }

    /// <summary>Sets a tag of a registered model: 250 characters of key, 100,000 of value.</summary>
    private async Task<EmptyResponse> SetModelTagAsync(
        SetRegisteredModelTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var value = request.Value ?? "";
        ModelRules.CheckName(request.Name);
        ModelRules.CheckModelTag(request.Key, value);
        await tags.SetModelTagAsync(context.Caller, request.Name, request.Key, value, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of a registered model.</summary>
    private async Task<EmptyResponse> DeleteModelTagAsync(
        DeleteRegisteredModelTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        ModelRules.CheckTagKey(request.Key);
        await tags.DeleteModelTagAsync(context.Caller, request.Name, request.Key, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Sets a tag of a model version: 250 characters of key, 100,000 of value.</summary>
    private async Task<EmptyResponse> SetVersionTagAsync(
        SetModelVersionTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var value = request.Value ?? "";
        ModelRules.CheckName(request.Name);
        _ = ModelRules.ParseVersion(request.Version);
        ModelRules.CheckVersionTag(request.Key, value);
        await tags.SetVersionTagAsync(context.Caller, request.Name, request.Version, request.Key, value, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Deletes a tag of a model version.</summary>
    private async Task<EmptyResponse> DeleteVersionTagAsync(
        DeleteModelVersionTagRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        _ = ModelRules.ParseVersion(request.Version);
        ModelRules.CheckTagKey(request.Key);
        await tags.DeleteVersionTagAsync(context.Caller, request.Name, request.Version, request.Key, cancellationToken);
        return EmptyResponse.Instance;
    }
}

/// <remarks>What sets a tag adds the value to this; fields are checked in the order in which they stand in this file.</remarks>
internal record DeleteRegisteredModelTagRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Key { get; set; } = null!;
}

internal sealed record SetRegisteredModelTagRequest : DeleteRegisteredModelTagRequest
{
    [Must(Be.Text)]
    public string? Value { get; set; }
}

/// <inheritdoc cref="DeleteRegisteredModelTagRequest"/>
internal record DeleteModelVersionTagRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Version { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Key { get; set; } = null!;
}

internal sealed record SetModelVersionTagRequest : DeleteModelVersionTagRequest
{
    [Must(Be.Text)]
    public string? Value { get; set; }
}

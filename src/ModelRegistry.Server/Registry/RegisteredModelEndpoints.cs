using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Registry;

/// <summary>The <c>registered-models</c> calls that concern the model itself.</summary>
internal sealed class RegisteredModelEndpoints(RegisteredModelStore models, ModelCache cache)
{
    private static readonly CachedRead<RegisteredModelRequest, RegisteredModelResponse> Read =
        new(request => request.Name, _ => "model", answer => answer.RegisteredModel.Name);

    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateRegisteredModelRequest, RegisteredModelResponse>("registered-models/create", CreateAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
        cache.Get(rpc, "registered-models/get", GetAsync, Read)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
        rpc.Post<RenameRegisteredModelRequest, RegisteredModelResponse>("registered-models/rename", RenameAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Patch<UpdateRegisteredModelRequest, RegisteredModelResponse>("registered-models/update", UpdateAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
        rpc.Delete<RegisteredModelRequest, EmptyResponse>("registered-models/delete", DeleteAsync)
            .RequirePermission(Permission.Manage, Resource.RegisteredModel);
        rpc.Get<GetLatestVersionsRequest, ModelVersionsResponse>("registered-models/get-latest-versions", GetLatestVersionsAsync)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
        rpc.Post<GetLatestVersionsRequest, ModelVersionsResponse>("registered-models/get-latest-versions", GetLatestVersionsAsync)
            .RequirePermission(Permission.Read, Resource.RegisteredModel);

        // Not MLflow's: PHP clients update with POST.
        rpc.Post<UpdateRegisteredModelRequest, RegisteredModelResponse>("registered-models/update", UpdateAsync)
            .RequirePermission(Permission.Edit, Resource.RegisteredModel);
    }

    /// <summary>Creates a registered model without versions.</summary>
    private async Task<RegisteredModelResponse> CreateAsync(
        CreateRegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        foreach (var tag in request.Tags ?? [])
            ModelRules.CheckModelTag(tag.Key ?? "", tag.Value ?? "");
        var tags = RegistryTagBody.ToDictionary(request.Tags);
        var model = await models.CreateAsync(context.Caller, request.Name, request.Description ?? "", tags, cancellationToken);
        return new RegisteredModelResponse(RegisteredModelBody.From(model));
    }

    /// <summary>One registered model.</summary>
    private async Task<RegisteredModelResponse> GetAsync(
        RegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        return new RegisteredModelResponse(RegisteredModelBody.From(await models.GetAsync(context.Workspace, request.Name, cancellationToken)));
    }

    /// <summary>Renames a registered model.</summary>
    private async Task<RegisteredModelResponse> RenameAsync(
        RenameRegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckNewName(request.NewName);
        ModelRules.CheckName(request.Name);
        var model = await models.RenameAsync(context.Caller, request.Name, request.NewName, cancellationToken);
        return new RegisteredModelResponse(RegisteredModelBody.From(model));
    }

    /// <summary>Changes the description of a registered model.</summary>
    private async Task<RegisteredModelResponse> UpdateAsync(
        UpdateRegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        var model = await models.UpdateAsync(context.Caller, request.Name, request.Description ?? "", cancellationToken);
        return new RegisteredModelResponse(RegisteredModelBody.From(model));
    }

    /// <summary>Deletes a registered model with its versions, tags and aliases.</summary>
    private async Task<EmptyResponse> DeleteAsync(
        RegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        await models.DeleteAsync(context.Caller, request.Name, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>The newest version of a registered model in each stage.</summary>
    private async Task<ModelVersionsResponse> GetLatestVersionsAsync(
        GetLatestVersionsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ModelRules.CheckName(request.Name);
        var latest = await models.GetLatestVersionsAsync(context.Workspace, request.Name, cancellationToken);
        var stages = (request.Stages ?? []).Select(Stages.Parse).ToHashSet();
        var wanted = latest.Where(version => stages.Count == 0 || stages.Contains(version.Row.CurrentStage!));
        return new ModelVersionsResponse([.. wanted.Select(ModelVersionBody.From)], null);
    }
}

internal sealed record CreateRegisteredModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.List)]
    public List<RegistryTagBody>? Tags { get; set; }

    [Must(Be.Text)]
    public string? Description { get; set; }
}

/// <summary>Names a model; for get and delete.</summary>
internal sealed record RegisteredModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;
}

internal sealed record RenameRegisteredModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string NewName { get; set; } = null!;
}

internal sealed record UpdateRegisteredModelRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.Text)]
    public string? Description { get; set; }
}

internal sealed record GetLatestVersionsRequest
{
    [Must(Be.TypeFirst | Be.Text | Be.Required)]
    public string Name { get; set; } = null!;

    [Must(Be.ListOfText)]
    public List<string>? Stages { get; set; }
}

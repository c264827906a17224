using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Workspaces;

/// <summary>Creating, reading, changing and deleting workspaces.</summary>
internal sealed class WorkspaceEndpoints(WorkspaceStore store, WorkspaceRemoval removal, ServerOptions options)
{
    private const string Workspaces = "workspaces";
    private const string Workspace = "workspaces/{workspace_name}";
    private static readonly CallParameter Mode = new("mode", false, "What becomes of what the workspace holds: SET_DEFAULT, CASCADE or RESTRICT.");

    public void Map(RpcRoutes rpc)
    {
        rpc.Get<EmptyRequest, WorkspacesResponse>(Workspaces, ListAsync, ApiVersion.V3).RequirePermission(Permission.Authenticated, Resource.Server);
        rpc.Post<CreateWorkspaceRequest, WorkspaceResponse>(Workspaces, CreateAsync, ApiVersion.V3).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Get<WorkspaceRequest, WorkspaceResponse>(Workspace, GetAsync, ApiVersion.V3).RequirePermission(Permission.Read, Resource.Server);
        rpc.Patch<UpdateWorkspaceRequest, WorkspaceResponse>(Workspace, UpdateAsync, ApiVersion.V3).RequirePermission(Permission.Manage, Resource.Server);
        rpc.Raw("DELETE", Workspace, DeleteAsync, ApiVersion.V3)
            .Add(CallShape.Of(DeleteAsync) with { Query = [Mode], Status = StatusCodes.Status204NoContent })
            .RequirePermission(Permission.Manage, Resource.Server);
    }

    /// <summary>Lists the workspaces.</summary>
    private async Task<WorkspacesResponse> ListAsync(EmptyRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new([.. (await store.ListAsync(cancellationToken)).Select(WorkspaceBody.From)]);

    /// <summary>Creates a workspace.</summary>
    private async Task<WorkspaceResponse> CreateAsync(CreateWorkspaceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        WorkspaceRules.CheckNew(request.Name);
        var root = WorkspaceRules.CheckArtifactRoot(request.DefaultArtifactRoot, options.MaxArtifactLocation);
        var row = await store.CreateAsync(context.Caller, request.Name, request.Description, root, cancellationToken);
        context.Http.Response.StatusCode = StatusCodes.Status201Created;
        return new WorkspaceResponse(WorkspaceBody.From(row));
    }

    /// <summary>One workspace.</summary>
    private async Task<WorkspaceResponse> GetAsync(WorkspaceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        WorkspaceRules.CheckName(request.WorkspaceName!);
        return new WorkspaceResponse(WorkspaceBody.From(await store.GetAsync(request.WorkspaceName!, cancellationToken)));
    }

    /// <summary>Changes the description or the artifact root of a workspace.</summary>
    private async Task<WorkspaceResponse> UpdateAsync(UpdateWorkspaceRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        WorkspaceRules.CheckName(request.WorkspaceName!);
        if (request is { Description: null, DefaultArtifactRoot: null })
            throw ApiException.Invalid("Workspace update must have at least one key");
        var root = WorkspaceRules.CheckArtifactRoot(request.DefaultArtifactRoot, options.MaxArtifactLocation);
        var row = await store.UpdateAsync(context.Caller, request.WorkspaceName!, request.Description, root, cancellationToken);
        return new WorkspaceResponse(WorkspaceBody.From(row));
    }

    /// <remarks>The one call with an answer of no content; its mode is in the query although this is no GET.</remarks>
    /// <summary>Deletes a workspace. Its models, runs and files go with it, or move to the default workspace, as the mode says; by default it has to be empty.</summary>
    private async Task DeleteAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["workspace_name"]!;
        WorkspaceRules.CheckRemovable(name);
        await removal.DeleteAsync(RequestContext.Of(http).Caller, name, WorkspaceRules.ParseMode(http.Request.Query["mode"].FirstOrDefault()), http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.ContentType = HtmlPages.ContentType;
    }
}

internal sealed record CreateWorkspaceRequest
{
    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Text)]
    public string? Description { get; set; }

    [Must(Be.Text)]
    public string? DefaultArtifactRoot { get; set; }
}

internal sealed record WorkspaceRequest
{
    public string? WorkspaceName { get; set; }
}

internal sealed record UpdateWorkspaceRequest
{
    [Must(Be.Text)]
    public string? Description { get; set; }

    [Must(Be.Text)]
    public string? DefaultArtifactRoot { get; set; }

    public string? WorkspaceName { get; set; }
}

internal sealed record WorkspaceResponse(WorkspaceBody Workspace);

internal sealed record WorkspacesResponse(List<WorkspaceBody> Workspaces);

internal sealed record WorkspaceBody(string Name, string? Description, string? DefaultArtifactRoot)
{
    public static WorkspaceBody From(WorkspaceRow row) => new(row.Name, row.Description, row.DefaultArtifactRoot);
}

using System.Globalization;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Tracking.LoggedModels;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Artifacts named by the model version or logged model they belong to.</summary>
internal sealed class ModelArtifactEndpoints(ArtifactStores stores, VersionLocator versions, VersionPlaces places, LoggedModelLocator models)
{
    /// <param name="root">For the routes that are not API calls under every prefix.</param>
    /// <param name="rpc">For those that are.</param>
    public void Map(IEndpointRouteBuilder root, RpcRoutes rpc)
    {
        rpc.Get<ListModelArtifactsRequest, ListArtifactsResponse>("logged-models/{model_id}/artifacts/directories", ListAsync)
            .RequirePermission(Permission.Read, Resource.LoggedModel);
        root.MapMethods("/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files", ["GET", "HEAD"], DownloadFromModelAsync)
            .WithMetadata(CallShape.Of(DownloadFromModelAsync) with { ResponseMedia = CallShape.Bytes, Query = [new("artifact_file_path", true, "The file, below the model's artifact folder.")] })
            .RequirePermission(Permission.Read, Resource.LoggedModel);
        root.MapMethods("/model-versions/get-artifact", ["GET", "HEAD"], DownloadFromVersionAsync)
            .WithMetadata(CallShape.Of(DownloadFromVersionAsync) with
            {
                ResponseMedia = CallShape.Bytes,
                Query = [new("name", true, "The registered model."), new("version", true, "The number of the version."), new("path", true, "The file, below the version's artifact folder.")],
            })
            .RequirePermission(Permission.Read, Resource.RegisteredModel);
    }

    /// <summary>Lists a folder of the artifacts of a logged model.</summary>
    private async Task<ListArtifactsResponse> ListAsync(
        ListModelArtifactsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var path = request.ArtifactDirectoryPath is null ? null : ArtifactPath.Parse(request.ArtifactDirectoryPath);
        var model = await models.GetAsync(context.Workspace, request.ModelId!, cancellationToken);
        return new ListArtifactsResponse(model.ArtifactLocation, await stores.Locate(context.Workspace, model.ArtifactLocation).ListAsync(path, cancellationToken));
    }

    /// <summary>Downloads a file of a logged model.</summary>
    private async Task DownloadFromModelAsync(HttpContext http)
    {
        if (http.Request.Query["artifact_file_path"] is not [{ Length: > 0 } raw, ..])
            throw ApiException.BadRequest("Request must include the \"artifact_file_path\" query parameter.");
        var path = ArtifactPath.Parse(raw);
        var model = await models.GetAsync(RequestContext.Of(http).Workspace, (string)http.Request.RouteValues["model_id"]!, http.RequestAborted);
        var place = stores.Locate(RequestContext.Of(http).Workspace, model.ArtifactLocation);
        await ArtifactDownload.SendAsync(http, place.Store, place.Folder.Join(path));
    }

    /// <summary>Downloads a file of a model version.</summary>
    private async Task DownloadFromVersionAsync(HttpContext http)
    {
        var query = http.Request.Query;
        var path = ArtifactQuery.PathOf(http);
        var (name, version) = (query["name"].FirstOrDefault() ?? "None", query["version"].FirstOrDefault() ?? "None");
        var location = long.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? await versions.FindAsync(RequestContext.Of(http).Workspace, name, number, http.RequestAborted)
            : null;
        if (location is null)
            throw ApiException.NotFound($"Model Version (name={name}, version={version}) not found");
        var place = await places.LocateAsync(RequestContext.Of(http).Workspace, location, http.RequestAborted);
        await ArtifactDownload.SendAsync(http, place.Store, place.Folder.Join(path));
    }
}

/// <summary>The parameters that the download routes outside the API share.</summary>
internal static class ArtifactQuery
{
    public static ArtifactPath PathOf(HttpContext http) =>
        ArtifactPath.Parse(http.Request.Query["path"].FirstOrDefault() ?? throw ApiException.BadRequest("Request must specify path."));
}

internal sealed record ListModelArtifactsRequest
{
    [Must(Be.Text)]
    public string? ArtifactDirectoryPath { get; set; }

    public string? ModelId { get; set; }
}

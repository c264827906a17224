using System.Text;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Traces;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The data and attachments of a trace, which its page shows.</summary>
internal sealed class TraceArtifactEndpoints(ArtifactStores stores, TraceLocator traces)
{
    private static readonly ArtifactPath DataFile = ArtifactPath.Parse("traces.json");

    public void Map(IEndpointRouteBuilder root)
    {
        foreach (var version in (string[])["2.0", "3.0"])
        {
            root.MapMethods($"/ajax-api/{version}/mlflow/get-trace-artifact", ["GET", "HEAD"], DownloadAsync)
                .WithMetadata(CallShape.Of(DownloadAsync) with
                {
                    ResponseMedia = CallShape.Bytes,
                    Query = [new("request_id", true, "The trace."), new("path", false, "An attachment of the trace; its spans without it.")],
                })
                .RequirePermission(Permission.Read, Resource.Experiment);
        }
    }

    /// <summary>Downloads the spans of a trace, or one of its attachments.</summary>
    private async Task DownloadAsync(HttpContext http)
    {
        if (http.Request.Query["request_id"] is not [{ Length: > 0 } traceId, ..])
            throw ApiException.BadRequest("Request must include the \"request_id\" query parameter.");
        var attachment = http.Request.Query["path"] is [{ Length: > 0 } raw, ..] ? ArtifactPath.Parse(raw) : null;
        var trace = await traces.FindAsync(RequestContext.Of(http).Workspace, traceId, http.RequestAborted)
            ?? throw ApiException.NotFound(attachment is null ? $"Trace with ID {traceId} is not found." : $"Trace with ID '{traceId}' not found.");
        if (attachment is not null)
            await SendAttachmentAsync(http, trace, attachment);
        else if (trace.Spans is not null)
            await SendSpansAsync(http, trace.Spans);
        else
            await SendFileAsync(http, trace);
    }

    private async Task SendAttachmentAsync(HttpContext http, TraceLocation trace, ArtifactPath path)
    {
        if (!Guid.TryParse(path.Text, out var id) || id.ToString() != path.Text)
            throw ApiException.Invalid($"Invalid attachment path: '{path.Text}'. Attachment path must be a valid UUID.");
        var place = Locate(http, trace);
        await ArtifactDownload.SendAsync(http, place.Store, place.Folder.Join(ArtifactPath.Parse("attachments")).Join(path));
    }

    private static Task SendSpansAsync(HttpContext http, IReadOnlyList<string> spans)
    {
        var body = Encoding.UTF8.GetBytes($"{{\"spans\": [{string.Join(", ", spans)}]}}");
        http.Response.ContentType = ContentTypes.Of(DataFile.Name);
        http.Response.Headers.ContentDisposition = ContentDisposition.Attachment(DataFile.Name);
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private async Task SendFileAsync(HttpContext http, TraceLocation trace)
    {
        var place = Locate(http, trace);
        await using (var blob = await place.Store.OpenAsync(place.Folder.Join(DataFile), http.RequestAborted))
        {
            if (blob is null or { Length: 0 })
                throw new ApiException(ErrorCode.NotFoundCode, $"Trace data not found for path={trace.ArtifactUri}/{DataFile.Name}");
        }

        await ArtifactDownload.SendAsync(http, place.Store, place.Folder.Join(DataFile));
    }

    private ArtifactPlace Locate(HttpContext http, TraceLocation trace) =>
        stores.Locate(RequestContext.Of(http).Workspace, trace.ArtifactUri ?? throw ApiException.Internal("Unable to determine trace artifact location."));
}

using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace ModelRegistry.Server.Artifacts;

/// <summary>What a client already has of a file, and whether that is still what the store has.</summary>
internal sealed class Preconditions(HttpRequest request, IBlob blob)
{
    private readonly RequestHeaders headers = request.GetTypedHeaders();
    private readonly EntityTagHeaderValue tag = new($"\"{blob.Tag}\"");

    /// <summary>In whole seconds, which is all the header can say.</summary>
    private readonly DateTimeOffset modified = DateTimeOffset.FromUnixTimeSeconds(blob.LastModified.ToUnixTimeSeconds());

    /// <summary>The client's copy is good: 304.</summary>
    public bool IsUnchanged => headers.IfNoneMatch is { Count: > 0 } tags
        ? tags.Any(known => known == EntityTagHeaderValue.Any || known.Compare(tag, useStrongComparison: false))
        : headers.IfModifiedSince is { } since && modified <= since;

    /// <summary>A part may be sent: the client does not say that its other parts belong to another content.</summary>
    public bool AllowsRange => headers.IfRange switch
    {
        null => true,
        { EntityTag: { } known } => known.Compare(tag, useStrongComparison: true),
        { LastModified: { } since } => modified == since,
        _ => false,
    };

    public void Describe(HttpResponse response)
    {
        response.Headers.ETag = tag.ToString();
        response.Headers.LastModified = HeaderUtilities.FormatDate(modified);
        response.Headers.CacheControl = "no-cache";
    }
}

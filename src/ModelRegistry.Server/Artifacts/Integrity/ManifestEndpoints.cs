using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>What is recorded of a version's files; not MLflow's, and so below <c>/api/2.0/modelregistry</c>.</summary>
internal sealed class ManifestEndpoints(VersionLocator versions, VersionPlaces places, ArtifactLedger ledger, VersionIntegrity integrity)
{
    private const int DefaultPage = 1000;
    private const int MaxPage = 10_000;

    public void Map(RpcRoutes rpc) =>
        rpc.Get<ManifestRequest, ManifestResponse>("model-versions/manifest", GetAsync).RequirePermission(Permission.Read, Resource.RegisteredModel);

    /// <summary>The files of a model version with their sizes and digests, and whether they are still what was registered.</summary>
    private async Task<ManifestResponse> GetAsync(ManifestRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var limit = (int)(request.MaxResults is null or 0 ? DefaultPage : request.MaxResults.Value);
        if (limit is < 1 or > MaxPage)
            throw ApiException.Invalid($"max_results must be between 1 and {MaxPage}.");
        var version = long.TryParse(request.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? await versions.FindAsync(context.Workspace, request.Name, number, cancellationToken)
            : null;
        if (version is null)
            throw ApiException.NotFound($"Model Version (name={request.Name}, version={request.Version}) not found");
        var folder = (await places.LocateAsync(context.Workspace, version, cancellationToken)).AddressOf(ArtifactPath.Root);
        var rows = await ledger.ListAsync(folder, After(folder, request.PageToken), limit + 1, cancellationToken);
        var page = rows.Take(limit).ToList();
        return new ManifestResponse(
            version.Name, request.Version, version.Uri, await integrity.FindStateAsync(version, cancellationToken),
            [.. page.Where(row => row.IsPartOf(version.CreationTime)).Select(row => ManifestFile.From(row, folder))],
            rows.Count > limit ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(page[^1].Address[folder.First.Length..])) : null);
    }

    private static string After(ArtifactAddress folder, string? token)
    {
        if (string.IsNullOrEmpty(token))
            return "";
        return Base64Url.IsValid(token.AsSpan())
            ? folder.First + Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token))
            : throw ApiException.Invalid("Invalid page token. Send next_page_token of the page before, or none for the first page.");
    }
}

internal sealed record ManifestRequest
{
    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Version { get; set; } = null!;

    [Must(Be.Integer)]
    public long? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

/// <param name="State">A word of <see cref="FileState"/>; absent while the version was never verified.</param>
/// <param name="NextPageToken">Absent on the last page.</param>
internal sealed record ManifestResponse(
    string Name, string Version, string Location, string? State, List<ManifestFile> Files, string? NextPageToken);

/// <param name="Path">Within the version.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hexadecimal digits; absent while the server has not read the file.</param>
/// <param name="Checksum">The store's own, <c>kind:value</c>; absent where it keeps none.</param>
/// <param name="RecordedTime">Milliseconds since 1970.</param>
/// <param name="State">A word of <see cref="FileState"/>; absent while the file was never verified.</param>
/// <param name="VerifiedTime">Milliseconds since 1970.</param>
internal sealed record ManifestFile(
    string Path, long Size, string? Sha256, string? Checksum, long RecordedTime, string? State, long? VerifiedTime)
{
    public static ManifestFile From(LedgerRow row, ArtifactAddress folder) => new(
        row.Address[folder.First.Length..], row.Size, row.Sha256, row.Checksum, row.RecordedTime,
        row.DeletedTime is not null ? FileState.Missing : row.Writer is not null ? FileState.Unknown : row.State, row.StateTime);
}

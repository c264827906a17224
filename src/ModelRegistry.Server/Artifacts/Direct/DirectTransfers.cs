using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Direct;

/// <summary>
/// What clients may do past this server. For the artifacts destination it is what the start has proved: clients that are told they can do it
/// do not fall back to the proxy when it fails.
/// </summary>
internal sealed class DirectTransfers(ServerOptions options, ArtifactStores stores)
{
    private const string Upload = "Multipart upload";
    private const string Download = "Multipart download";

    private readonly DirectTransferMode mode = options.Transfers.Mode;

    /// <summary>Clients may send files to the destination in parts.</summary>
    public bool TakesParts { get; private set; } = options.Transfers.Mode == DirectTransferMode.On && stores.Destination.Store is IMultipartUploads;

    /// <summary>Clients may read files of the destination by signed addresses.</summary>
    public bool SignsDownloads { get; private set; } = options.Transfers.Mode == DirectTransferMode.On && stores.Destination.Store is IPresigning;

    /// <summary>Whether the start has to find out.</summary>
    public bool NeedsProof => mode == DirectTransferMode.Auto;

    /// <summary>Called once, before the first request.</summary>
    public void Proved(bool takesParts, bool signsDownloads) => (TakesParts, SignsDownloads) = (takesParts, signsDownloads);

    /// <exception cref="ApiException">NOT_IMPLEMENTED, in the words that make clients send the file through the proxy.</exception>
    public IMultipartUploads MultipartUploads =>
        TakesParts && stores.Destination.Store is IMultipartUploads store ? store : throw NotSupported(Upload);

    /// <exception cref="ApiException">NOT_IMPLEMENTED, in the words that make clients read the file through the proxy.</exception>
    public IPresigning Downloads => SignsDownloads && stores.Destination.Store is IPresigning store ? store : throw NotSupported(Download);

    /// <summary>The signer of the store that a run's own location names.</summary>
    /// <param name="what">Begins the message of the refusal.</param>
    /// <exception cref="ApiException">NOT_IMPLEMENTED.</exception>
    public IPresigning SignerOf(ArtifactPlace place, string what)
    {
        if (ReferenceEquals(place.Store, stores.Destination.Store))
            return Downloads;
        return mode != DirectTransferMode.Off && place.Store is IPresigning signer ? signer : throw NotSupported(what);
    }

    public static ApiException NotSupported(string what) =>
        new(ErrorCode.NotImplemented, $"{what} is not supported for the current artifact repository");
}

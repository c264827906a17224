using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts;

/// <summary>A store to which clients send a large file in parts, past this server.</summary>
internal interface IMultipartUploads
{
    /// <summary>Starts an upload; the file appears only when it is completed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">How many parts the client will send: 1 to 10,000.</param>
    /// <param name="lifetime">How long the addresses can be used.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    Task<MultipartUpload> StartAsync(ArtifactPath path, int parts, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Puts the parts together.</summary>
    /// <exception cref="ApiException">There is no such upload, or its parts are not those named.</exception>
    Task CompleteAsync(ArtifactPath path, string? uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken);

    /// <summary>Throws the parts away; nothing happens when there is no such upload.</summary>
    Task AbortAsync(ArtifactPath path, string? uploadId, CancellationToken cancellationToken);

    /// <summary>Uploads that were started and neither completed nor aborted, as they come.</summary>
    IAsyncEnumerable<UnfinishedUpload> ListUnfinishedAsync(CancellationToken cancellationToken);
}

/// <summary>A store that signs addresses with which a client reads or writes one file, past this server, for a while.</summary>
internal interface IPresigning
{
    /// <summary>An address to GET the file from, with ranges.</summary>
    Task<SignedAddress> SignDownloadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>An address to PUT the file to.</summary>
    Task<SignedAddress> SignUploadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken);
}

/// <summary>A signed address, and the headers a client has to send with it.</summary>
internal sealed record SignedAddress(string Url, IReadOnlyDictionary<string, string> Headers);

/// <summary>A started upload.</summary>
/// <param name="UploadId">null where the store has no such thing (Azure).</param>
/// <param name="Parts">One address per part, numbered from 1.</param>
internal sealed record MultipartUpload(string? UploadId, IReadOnlyList<PartAddress> Parts);

/// <summary>Where to PUT one part.</summary>
internal sealed record PartAddress(int Number, string Url, IReadOnlyDictionary<string, string> Headers);

/// <summary>A part a client has sent.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Tag">The entity tag the store answered with.</param>
/// <param name="Url">The address it was sent to; Azure's block id is in it.</param>
internal sealed record FinishedPart(int Number, string? Tag, string? Url);

/// <summary>An upload that somebody began and did not finish.</summary>
internal sealed record UnfinishedUpload(ArtifactPath Path, string? UploadId, DateTimeOffset Started);

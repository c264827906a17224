using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Size and SHA-256 of content that flows by.</summary>
internal sealed class ContentDigest : IDisposable
{
    /// <summary>Below this many bytes a thread costs more than it saves.</summary>
    private const int WorthAThread = 32 << 10;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes that have passed.</summary>
    public long Size { get; private set; }

    /// <summary>Passes content on as it is. A piece is hashed while its receiver is busy with it.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> PassAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> content, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var piece in content.WithCancellation(cancellationToken))
        {
            var hashing = piece.Length < WorthAThread ? Task.CompletedTask : Task.Run(() => hash.AppendData(piece.Span), CancellationToken.None);
            if (piece.Length < WorthAThread)
                hash.AppendData(piece.Span);
            Size += piece.Length;
            try
            {
                yield return piece;
            }
            finally
            {
                // Also when the receiver gives up: the piece's buffer goes back to others after this.
                await hashing;
            }
        }
    }

    /// <summary>SHA-256 of all that has passed, in lower-case hexadecimal digits; begins anew.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    public void Dispose() => hash.Dispose();
}

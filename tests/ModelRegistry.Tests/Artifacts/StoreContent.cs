using System.Text;
using ModelRegistry.Server.Artifacts;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What tests write to stores, and how they read it back.</summary>
internal static class StoreContent
{
    private const int PieceSize = 64 << 10;

    /// <summary>Bytes that are the same for the same seed, and nowhere repeat themselves.</summary>
    public static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The bytes in pieces, all in one buffer: whoever keeps a piece keeps the wrong bytes.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync(byte[] bytes)
    {
        var buffer = new byte[PieceSize];
        for (var at = 0; at < bytes.Length; at += PieceSize)
        {
            await Task.Yield();
            var size = Math.Min(PieceSize, bytes.Length - at);
            bytes.AsSpan(at, size).CopyTo(buffer);
            yield return buffer.AsMemory(0, size);
            buffer.AsSpan().Fill(0xEE);
        }
    }

    /// <summary>Content whose sender hangs up after so many bytes.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> BreakingOffAsync(int after)
    {
        await foreach (var piece in PiecesAsync(Bytes(after)))
            yield return piece;
        throw new IOException("The client hung up.");
    }

    /// <summary>Content that stands still at half its way.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> WaitingAsync(byte[] bytes, Task go)
    {
        yield return bytes.AsMemory(0, bytes.Length / 2);
        await go;
        yield return bytes.AsMemory(bytes.Length / 2);
    }

    public static Task<BlobReceipt> WriteAsync(this IBlobStore store, string path, byte[] bytes, bool tellLength = true) =>
        store.WriteAsync(ArtifactPath.OfKey(path), PiecesAsync(bytes), tellLength ? bytes.Length : null, default);

    public static Task<BlobReceipt> WriteAsync(this IBlobStore store, string path, string text) => store.WriteAsync(path, Encoding.UTF8.GetBytes(text));

    public static async Task<byte[]> ReadPartAsync(this IBlob blob, long offset, long length)
    {
        using var all = new MemoryStream();
        await foreach (var piece in blob.ReadAsync(offset, length, default))
            all.Write(piece.Span);
        return all.ToArray();
    }

    /// <returns>null when there is no such file.</returns>
    public static async Task<byte[]?> ReadAsync(this IBlobStore store, string path)
    {
        await using var blob = await store.OpenAsync(ArtifactPath.OfKey(path), default);
        return blob is null ? null : await blob.ReadPartAsync(0, blob.Length);
    }

    public static async Task<string?> ReadTextAsync(this IBlobStore store, string path) =>
        await store.ReadAsync(path) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>The names in a folder; those of folders end with a slash.</summary>
    public static async Task<List<string>> NamesAsync(this IBlobStore store, string folder) =>
        [.. (await store.ListAsync(ArtifactPath.OfKey(folder), default)).Select(entry => entry.IsFolder ? entry.Name + "/" : entry.Name)];

    /// <summary>The files in a folder and below, sorted.</summary>
    public static async Task<List<BlobFile>> FilesAsync(this IBlobStore store, string folder)
    {
        var files = new List<BlobFile>();
        await foreach (var file in store.ListAllAsync(ArtifactPath.OfKey(folder), default))
            files.Add(file);
        return [.. files.OrderBy(file => file.Path.Key, StringComparer.Ordinal)];
    }

    public static async Task<List<string>> KeysAsync(this IBlobStore store, string folder) =>
        [.. (await store.FilesAsync(folder)).Select(file => file.Path.Key)];

    public static Task DeleteAsync(this IBlobStore store, string path) => store.DeleteAsync(ArtifactPath.OfKey(path), default);
}

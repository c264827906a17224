using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace ModelRegistry.GcsServer;

/// <summary>An object.</summary>
/// <param name="File">Where its bytes are.</param>
internal sealed record GcsObjectState(string Key, string File, long Size, string Crc32c, string Etag, string ContentType)
{
    public long Generation { get; init; }

    public DateTimeOffset Updated { get; init; }
}

/// <summary>An upload in parts.</summary>
internal sealed record GcsPartedUpload(string Id, string Key, string ContentType, DateTimeOffset Started)
{
    public SortedDictionary<int, GcsObjectState> Parts { get; } = [];
}

/// <summary>A bucket: its objects in the order of their names' bytes.</summary>
internal sealed class GcsBucketState(string name, bool requesterPays)
{
    private static long lastGeneration = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;

    private readonly Lock turn = new();
    private readonly SortedDictionary<string, GcsObjectState> objects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, GcsPartedUpload> uploads = new(StringComparer.Ordinal);

    public string Name => name;

    public bool RequesterPays => requesterPays;

    public int Count
    {
        get
        {
            lock (turn)
                return objects.Count;
        }
    }

    public GcsObjectState? Find(string key)
    {
        lock (turn)
            return objects.GetValueOrDefault(key);
    }

    /// <summary>Makes the object the current one of its name.</summary>
    public GcsObjectState Put(GcsObjectState file)
    {
        var stored = file with { Generation = Interlocked.Increment(ref lastGeneration), Updated = DateTimeOffset.UtcNow };
        lock (turn)
            objects[file.Key] = stored;
        return stored;
    }

    /// <summary>Puts small objects, for tests that need many.</summary>
    public void Fill(IEnumerable<string> keys, string file)
    {
        System.IO.File.WriteAllBytes(file, [1]);
        foreach (var key in keys)
            Put(Describe(key, file, "application/octet-stream"));
    }

    public bool Remove(string key)
    {
        lock (turn)
            return objects.Remove(key);
    }

    public List<GcsObjectState> Under(string prefix)
    {
        lock (turn)
            return [.. objects.Values.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal))];
    }

    public GcsPartedUpload StartUpload(string key, string contentType)
    {
        var upload = new GcsPartedUpload(Guid.NewGuid().ToString("n") + "+/=", key, contentType, DateTimeOffset.UtcNow);
        lock (turn)
            uploads[upload.Id] = upload;
        return upload;
    }

    public GcsPartedUpload? FindUpload(string id, string key)
    {
        lock (turn)
            return uploads.GetValueOrDefault(id) is { } upload && upload.Key == key ? upload : null;
    }

    public bool RemoveUpload(string id)
    {
        lock (turn)
            return uploads.Remove(id);
    }

    public List<GcsPartedUpload> UploadsUnder(string prefix)
    {
        lock (turn)
            return [.. uploads.Values.Where(upload => upload.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(upload => (upload.Key, upload.Id))];
    }

    /// <summary>The object that a file would be.</summary>
    public static GcsObjectState Describe(string key, string path, string contentType)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var content = System.IO.File.OpenRead(path);
        var buffer = new byte[1 << 20];
        var state = uint.MaxValue;
        while (content.Read(buffer) is > 0 and var read)
        {
            md5.AppendData(buffer, 0, read);
            state = Checksum(state, buffer.AsSpan(0, read));
        }

        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~state);
        return new GcsObjectState(key, path, content.Length, Convert.ToBase64String(bytes), Convert.ToHexStringLower(md5.GetHashAndReset()), contentType);
    }

    private static uint Checksum(uint state, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            state = BitOperations.Crc32C(state, b);
        return state;
    }
}

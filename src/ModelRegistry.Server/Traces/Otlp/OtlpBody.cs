using System.IO.Compression;

namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>Unpacks compressed exports, up to a size that no honest one has.</summary>
internal static class OtlpBody
{
    private const int MaxBytes = 256 << 20;

    /// <exception cref="InvalidDataException">The body is not so compressed, or too much comes out of it.</exception>
    public static ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> body, Func<Stream, Stream> open)
    {
        using var source = new MemoryStream(body.ToArray(), writable: false);
        using var stream = open(source);
        var result = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            result.Write(buffer, 0, read);
            if (result.Length > MaxBytes)
                throw new InvalidDataException("The export is too large.");
        }

        return result.GetBuffer().AsMemory(0, (int)result.Length);
    }

    /// <summary>"deflate" is with zlib's header by the standard, and without it from some clients.</summary>
    /// <inheritdoc cref="Inflate" path="/exception"/>
    public static ReadOnlyMemory<byte> InflateEither(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Inflate(body, stream => new ZLibStream(stream, CompressionMode.Decompress));
        }
        catch (InvalidDataException)
        {
            return Inflate(body, stream => new DeflateStream(stream, CompressionMode.Decompress));
        }
    }
}

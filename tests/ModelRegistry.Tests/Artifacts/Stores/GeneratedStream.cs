using System.Buffers.Binary;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>Bytes of any number that are nowhere kept; each eight of them tell their place and the seed.</summary>
internal sealed class GeneratedStream(long length, int seed) : Stream
{
    private const int Step = sizeof(long);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    /// <summary>Whether another stream has the same bytes.</summary>
    public async Task<bool> EqualsAsync(Stream other)
    {
        var (theirs, ours) = (new byte[64 << 10], new byte[64 << 10]);
        while (await other.ReadAtLeastAsync(theirs, theirs.Length, throwOnEndOfStream: false) is > 0 and var read)
        {
            if (this.ReadAtLeast(ours.AsSpan(0, read), read, throwOnEndOfStream: false) != read || !ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
                return false;
        }

        return Position == length;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - Position);
        Span<byte> word = stackalloc byte[Step];
        for (var at = 0; at < count;)
        {
            var offset = (int)(Position % Step);
            BinaryPrimitives.WriteInt64LittleEndian(word, (Position / Step * 0x9E3779B97F4A7C1) ^ seed);
            var size = Math.Min(Step - offset, count - at);
            word.Slice(offset, size).CopyTo(buffer[at..]);
            at += size;
            Position += size;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin == SeekOrigin.Begin ? offset : throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

using System.Buffers.Binary;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A file of any size that is nowhere kept: every eight bytes are the number of their place, so none can be lost or moved unnoticed.</summary>
internal sealed class PatternStream(long length, long seed = 0) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    /// <summary>Whether another stream has the very same bytes.</summary>
    public async Task<bool> IsEqualToAsync(Stream other)
    {
        var (ours, theirs) = (new byte[64 << 10], new byte[64 << 10]);
        while (true)
        {
            var read = await other.ReadAtLeastAsync(theirs, theirs.Length, throwOnEndOfStream: false);
            if (Read(ours, 0, ours.Length) != read || !ours.AsSpan(0, read).SequenceEqual(theirs.AsSpan(0, read)))
                return false;
            if (read == 0)
                return true;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - position);
        Span<byte> word = stackalloc byte[sizeof(long)];
        for (var at = 0; at < count;)
        {
            var within = (int)(position % sizeof(long));
            var size = Math.Min(sizeof(long) - within, count - at);
            BinaryPrimitives.WriteInt64LittleEndian(word, (position - within) ^ seed);
            word.Slice(within, size).CopyTo(buffer[at..]);
            at += size;
            position += size;
        }

        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

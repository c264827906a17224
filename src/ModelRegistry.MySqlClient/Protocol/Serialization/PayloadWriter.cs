using System.Buffers.Binary;
using System.Text;

namespace ModelRegistry.MySqlClient.Protocol.Serialization;

/// <summary>Builds a packet in a buffer that a session uses again and again; packets may be put behind each other, to be sent at once.</summary>
internal sealed class PayloadWriter
{
    // A buffer that one large value has blown up is not kept for the small ones that follow.
    private const int KeptCapacity = 1 << 20;
    private const int InitialCapacity = 1024;

    private byte[] buffer = new byte[InitialCapacity];
    private int start;
    private int end = PacketStream.HeaderSize;

    /// <summary>The packet with room for its header in front, and before that the finished packets that go ahead of it.</summary>
    public Memory<byte> Framed => buffer.AsMemory(0, end);

    /// <summary>Bytes of the packets that go ahead.</summary>
    public int Ahead => start;

    /// <summary>Bytes of the packet written so far.</summary>
    public int Length => end - start - PacketStream.HeaderSize;

    public PayloadWriter Start(CommandKind command)
    {
        if (buffer.Length > KeptCapacity)
            buffer = new byte[InitialCapacity];
        start = 0;
        end = PacketStream.HeaderSize;
        return Byte((byte)command);
    }

    /// <summary>Begins a packet behind this one, which becomes a command of its own.</summary>
    /// <exception cref="NotSupportedException">This one is too large to be followed.</exception>
    public PayloadWriter StartBehind(CommandKind command)
    {
        if (Length >= PacketStream.MaxChunk)
            throw new NotSupportedException("Only the last statement of a batch can have values of 16 MiB together.");
        PacketStream.WriteHeader(buffer.AsSpan(start), Length, sequence: 0);
        start = end;
        Take(PacketStream.HeaderSize);
        return Byte((byte)command);
    }

    public PayloadWriter Byte(byte value)
    {
        Take(1)[0] = value;
        return this;
    }

    public PayloadWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
        return this;
    }

    public PayloadWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
        return this;
    }

    public PayloadWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
        return this;
    }

    public PayloadWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Take(value.Length));
        return this;
    }

    public PayloadWriter Zeros(int count)
    {
        Take(count).Clear();
        return this;
    }

    public PayloadWriter Text(string value)
    {
        Encoding.UTF8.GetBytes(value, Take(Encoding.UTF8.GetByteCount(value)));
        return this;
    }

    public PayloadWriter NullTerminatedText(string value) => Text(value).Byte(0);

    public PayloadWriter LengthEncodedText(string value) => LengthPrefix(Encoding.UTF8.GetByteCount(value)).Text(value);

    public PayloadWriter LengthEncoded(ReadOnlySpan<byte> value) => LengthPrefix(value.Length).Bytes(value);

    /// <summary>Sets one bit of a byte that was written before: a mark in the NULL map.</summary>
    /// <param name="offset">As <see cref="Length"/> was when the byte was written.</param>
    public void SetBit(int offset, int bit) => buffer[start + PacketStream.HeaderSize + offset] |= (byte)(1 << bit);

    private PayloadWriter LengthPrefix(int length) => length switch
    {
        < 0xFB => Byte((byte)length),
        <= 0xFFFF => Byte(0xFC).UInt16((ushort)length),
        <= 0xFFFFFF => Byte(0xFD).UInt16((ushort)length).Byte((byte)(length >> 16)),
        _ => Byte(0xFE).UInt64((ulong)length),
    };

    private Span<byte> Take(int count)
    {
        if (buffer.Length - end < count)
            Array.Resize(ref buffer, (int)Math.Min(Array.MaxLength, Math.Max(buffer.Length * 2L, end + (long)count)));
        var taken = buffer.AsSpan(end, count);
        end += count;
        return taken;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ModelRegistry.MySqlClient.Protocol.Serialization;

/// <summary>Builds one packet in a buffer that a session uses again and again.</summary>
internal sealed class PayloadWriter
{
    // A buffer that one large value has blown up is not kept for the small ones that follow.
    private const int KeptCapacity = 1 << 20;
    private ArrayBufferWriter<byte> buffer = new(1024);

    public ReadOnlyMemory<byte> Written => buffer.WrittenMemory;

    public int Length => buffer.WrittenCount;

    public PayloadWriter Start(CommandKind command)
    {
        Clear();
        return Byte((byte)command);
    }

    public void Clear()
    {
        if (buffer.Capacity > KeptCapacity)
            buffer = new ArrayBufferWriter<byte>(1024);
        else
            buffer.ResetWrittenCount();
    }

    public PayloadWriter Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
        return this;
    }

    public PayloadWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(buffer.GetSpan(2), value);
        buffer.Advance(2);
        return this;
    }

    public PayloadWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
        return this;
    }

    public PayloadWriter UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(8), value);
        buffer.Advance(8);
        return this;
    }

    public PayloadWriter Bytes(ReadOnlySpan<byte> value)
    {
        buffer.Write(value);
        return this;
    }

    public PayloadWriter Zeros(int count)
    {
        buffer.GetSpan(count)[..count].Clear();
        buffer.Advance(count);
        return this;
    }

    public PayloadWriter Text(string value)
    {
        Encoding.UTF8.GetBytes(value, buffer);
        return this;
    }

    public PayloadWriter NullTerminatedText(string value) => Text(value).Byte(0);

    public PayloadWriter LengthEncodedText(string value)
    {
        LengthPrefix(Encoding.UTF8.GetByteCount(value));
        return Text(value);
    }

    public PayloadWriter LengthEncoded(ReadOnlySpan<byte> value)
    {
        LengthPrefix(value.Length);
        return Bytes(value);
    }

    /// <summary>Overwrites a byte that is there already: a bit of the NULL map.</summary>
    public void SetBit(int byteOffset, int bit)
    {
        var memory = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory);
        memory.Span[byteOffset] |= (byte)(1 << bit);
    }

    private void LengthPrefix(int length)
    {
        if (length < 0xFB)
            Byte((byte)length);
        else if (length <= 0xFFFF)
            Byte(0xFC).UInt16((ushort)length);
        else if (length <= 0xFFFFFF)
            Byte(0xFD).UInt16((ushort)length).Byte((byte)(length >> 16));
        else
            Byte(0xFE).UInt64((ulong)length);
    }
}

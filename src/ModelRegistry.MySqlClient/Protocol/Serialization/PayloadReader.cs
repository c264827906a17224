using System.Buffers.Binary;
using System.Text;

namespace ModelRegistry.MySqlClient.Protocol.Serialization;

/// <summary>Reads the fields of one packet. Every read is bounds-checked: a packet that ends early is a <see cref="ProtocolException"/>.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private const byte NullMarker = 0xFB;
    private ReadOnlySpan<byte> rest = payload;

    public readonly int Remaining => rest.Length;

    public byte ReadByte() => Take(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count);

    public ReadOnlySpan<byte> ReadRest() => Take(rest.Length);

    public void Skip(int count) => Take(count);

    /// <summary>A length-encoded integer.</summary>
    public ulong ReadLength()
    {
        var first = ReadByte();
        return first switch
        {
            < NullMarker => first,
            0xFC => ReadUInt16(),
            0xFD => (uint)(ReadUInt16() | (ReadByte() << 16)),
            0xFE => ReadUInt64(),
            _ => throw new ProtocolException($"0x{first:X2} is not the start of a length."),
        };
    }

    /// <summary>Bytes behind a length-encoded count.</summary>
    public ReadOnlySpan<byte> ReadLengthEncoded()
    {
        var length = ReadLength();
        return length <= (ulong)rest.Length
            ? Take((int)length)
            : throw new ProtocolException($"A field of {length} bytes does not fit the {rest.Length} bytes left of its packet.");
    }

    /// <summary>A field of a text row; false for NULL.</summary>
    public bool TryReadLengthEncoded(out ReadOnlySpan<byte> value)
    {
        if (rest.Length > 0 && rest[0] == NullMarker)
        {
            rest = rest[1..];
            value = default;
            return false;
        }

        value = ReadLengthEncoded();
        return true;
    }

    public string ReadLengthEncodedText() => Encoding.UTF8.GetString(ReadLengthEncoded());

    /// <summary>Text up to a NUL byte; a missing NUL ends it with the packet.</summary>
    public string ReadNullTerminatedText()
    {
        var end = rest.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return text;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)rest.Length)
            throw new ProtocolException($"A packet ended {count - rest.Length} bytes early.");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}

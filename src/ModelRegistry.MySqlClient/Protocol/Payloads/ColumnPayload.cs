using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Protocol.Payloads;

/// <summary>Name and type of one column of a result.</summary>
internal sealed record ColumnPayload(string Name, ColumnType Type, ColumnFlags Flags, ushort CharacterSet, uint Length, byte Decimals)
{
    private const ushort BinaryCharacterSet = 63;

    public bool IsUnsigned => Flags.HasFlag(ColumnFlags.Unsigned);

    /// <summary>Bytes rather than text.</summary>
    public bool IsBinary => CharacterSet == BinaryCharacterSet;

    public static ColumnPayload Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.ReadLengthEncoded(); // catalog
        reader.ReadLengthEncoded(); // schema
        reader.ReadLengthEncoded(); // table
        reader.ReadLengthEncoded(); // original table
        var name = reader.ReadLengthEncodedText();
        reader.ReadLengthEncoded(); // original name
        reader.ReadLength(); // size of the fixed part
        var characterSet = reader.ReadUInt16();
        var length = reader.ReadUInt32();
        var type = (ColumnType)reader.ReadByte();
        var flags = (ColumnFlags)reader.ReadUInt16();
        return new ColumnPayload(name, type, flags, characterSet, length, reader.ReadByte());
    }
}

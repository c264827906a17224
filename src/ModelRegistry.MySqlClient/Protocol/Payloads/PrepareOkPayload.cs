using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Protocol.Payloads;

/// <summary>The server's name for a prepared statement, and how many parameters and columns it has.</summary>
internal readonly record struct PrepareOkPayload(uint StatementId, int ColumnCount, int ParameterCount)
{
    public static PrepareOkPayload Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var signature = reader.ReadByte();
        if (signature != OkPayload.Signature)
            throw new ProtocolException($"0x{signature:X2} is no answer to a PREPARE.");
        return new PrepareOkPayload(reader.ReadUInt32(), reader.ReadUInt16(), reader.ReadUInt16());
    }
}

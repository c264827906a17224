using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Protocol.Payloads;

/// <summary>A statement without rows is done, or (in its EOF form) the rows of a result are.</summary>
internal readonly record struct OkPayload(ulong AffectedRows, ulong LastInsertId, ServerStatus Status, ushort Warnings)
{
    public const byte Signature = 0x00;
    public const byte EndSignature = 0xFE;

    /// <summary>The packet that ends the rows is shorter than this; a row that starts with the same byte holds a field of 16 MiB.</summary>
    public const int MaxEndLength = 0xFFFFFF;

    public static OkPayload Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Skip(1);
        var affected = reader.ReadLength();
        var lastInsertId = reader.ReadLength();
        return new OkPayload(affected, lastInsertId, (ServerStatus)reader.ReadUInt16(), reader.ReadUInt16());
    }

    /// <summary>The short EOF packet of servers and commands without DEPRECATE_EOF.</summary>
    public static OkPayload ParseEof(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Skip(1);
        var warnings = reader.ReadUInt16();
        return new OkPayload(0, 0, (ServerStatus)reader.ReadUInt16(), warnings);
    }
}

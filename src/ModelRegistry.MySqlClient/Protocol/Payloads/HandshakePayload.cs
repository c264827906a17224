using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Protocol.Payloads;

/// <summary>The server's greeting (protocol version 10).</summary>
internal sealed record HandshakePayload(
    string ServerVersion, uint ConnectionId, byte[] Nonce, CapabilityFlags Capabilities, MariaDbCapabilityFlags MariaDbCapabilities, string AuthPlugin)
{
    private const byte SupportedVersion = 10;
    private const int FirstNoncePart = 8;

    public static HandshakePayload Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var version = reader.ReadByte();
        if (version == ErrorPayload.Signature)
            throw ErrorPayload.Parse(payload).ToException();
        if (version != SupportedVersion)
            throw new ProtocolException($"The server speaks handshake version {version}; only {SupportedVersion} is known. Is it a MySQL server?");
        var serverVersion = reader.ReadNullTerminatedText();
        var connectionId = reader.ReadUInt32();
        var nonce = reader.ReadBytes(FirstNoncePart).ToArray();
        reader.Skip(1);
        uint capabilities = reader.ReadUInt16();
        reader.Skip(3);
        capabilities |= (uint)reader.ReadUInt16() << 16;
        var nonceLength = reader.ReadByte();
        reader.Skip(6);
        var mariaDb = reader.ReadUInt32();
        if (((CapabilityFlags)capabilities).HasFlag(CapabilityFlags.LongPassword))
            mariaDb = 0;
        var second = reader.ReadBytes(Math.Min(Math.Max(13, nonceLength - FirstNoncePart), reader.Remaining));
        nonce = [.. nonce, .. second];
        var plugin = reader.Remaining > 0 ? reader.ReadNullTerminatedText() : "mysql_native_password";
        return new HandshakePayload(serverVersion, connectionId, nonce, (CapabilityFlags)capabilities, (MariaDbCapabilityFlags)mariaDb, plugin);
    }
}

using System.Security.Cryptography;
using System.Text;
using ModelRegistry.MySqlClient.Protocol;

namespace ModelRegistry.MySqlClient.Tests.Fake;

/// <summary>What a server says, byte by byte; written apart from the driver's own serialization on purpose.</summary>
internal static class Packets
{
    public const CapabilityFlags Modern = Old | CapabilityFlags.PluginAuth | CapabilityFlags.PluginAuthLengthEncodedData | CapabilityFlags.DeprecateEof;

    public const CapabilityFlags Old = CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection | CapabilityFlags.ConnectWithDatabase
        | CapabilityFlags.Transactions | CapabilityFlags.MultiStatements | CapabilityFlags.MultiResults;

    public static byte[] Nonce { get; } = Encoding.ASCII.GetBytes("abcdefghijklmnopqrst");

    public static byte[] OtherNonce { get; } = Encoding.ASCII.GetBytes("ABCDEFGHIJKLMNOPQRST");

    public static byte[] Greeting(string plugin = "mysql_native_password", CapabilityFlags capabilities = Modern) =>
    [
        10, .. "8.0.99-fake\0"u8, 7, 0, 0, 0, .. Nonce[..8], 0, .. Int16((int)((uint)capabilities & 0xFFFF)), 45, 2, 0,
        .. Int16((int)((uint)capabilities >> 16)), 21, .. new byte[10], .. Nonce[8..], 0,
        .. capabilities.HasFlag(CapabilityFlags.PluginAuth) ? Encoding.ASCII.GetBytes(plugin + "\0") : [],
    ];

    public static byte[] Switch(string plugin, byte[] nonce) => [0xFE, .. Encoding.ASCII.GetBytes(plugin), 0, .. nonce, 0];

    public static byte[] Ok(int affected = 0, ServerStatus status = ServerStatus.AutoCommit) => [0, (byte)affected, 0, .. Int16((int)status), 0, 0];

    /// <summary>The end of rows under DEPRECATE_EOF.</summary>
    public static byte[] End(ServerStatus status = ServerStatus.AutoCommit) => [0xFE, 0, 0, .. Int16((int)status), 0, 0];

    /// <summary>The end of columns or rows without DEPRECATE_EOF.</summary>
    public static byte[] Eof(ServerStatus status = ServerStatus.AutoCommit) => [0xFE, 0, 0, .. Int16((int)status)];

    public static byte[] Error(int number, string state, string message) => [0xFF, .. Int16(number), .. Encoding.UTF8.GetBytes($"#{state}{message}")];

    public static byte[] Column(string name, ColumnType type, ColumnFlags flags = 0, int characterSet = 45, int length = 20) =>
    [
        3, .. "def"u8, 0, 0, 0, .. Text(name), 0, 12, .. Int16(characterSet), .. BitConverter.GetBytes(length), (byte)type, .. Int16((int)flags), 0, 0, 0,
    ];

    public static byte[] TextRow(params string?[] values) => [.. values.SelectMany(value => value is null ? [0xFB] : Text(value))];

    public static byte[] PrepareOk(int parameters, int columns) => [0, 1, 0, 0, 0, .. Int16(columns), .. Int16(parameters), 0, 0, 0];

    public static byte[] Text(string value) => [(byte)Encoding.UTF8.GetByteCount(value), .. Encoding.UTF8.GetBytes(value)];

    public static byte[] Framed(int sequence, byte[] payload) =>
        [(byte)payload.Length, (byte)(payload.Length >> 8), (byte)(payload.Length >> 16), (byte)sequence, .. payload];

    public static byte[] CachingSha2Proof(string password, byte[] nonce)
    {
        var once = SHA256.HashData(Encoding.UTF8.GetBytes(password));
        var twice = SHA256.HashData([.. SHA256.HashData(once), .. nonce]);
        return [.. once.Zip(twice, (a, b) => (byte)(a ^ b))];
    }

    private static byte[] Int16(int value) => [(byte)value, (byte)(value >> 8)];
}

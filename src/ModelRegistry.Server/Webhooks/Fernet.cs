using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// The token format of Python's <c>cryptography.fernet</c>, version 0x80: time, IV, AES-128-CBC with PKCS7, then HMAC-SHA256 over all of
/// it. The secrets of webhooks are stored so, and either server reads what the other wrote.
/// </summary>
/// <param name="key">16 bytes to sign with, then 16 to encrypt with.</param>
internal sealed class Fernet(byte[] key)
{
    private const byte Version = 0x80;
    private const int KeyLength = 32;
    private const int HeadLength = 1 + 8 + BlockLength;
    private const int BlockLength = 16;

    private readonly byte[] signingKey = key[..16];
    private readonly byte[] encryptionKey = key[16..];

    public static Fernet WithNewKey() => new(RandomNumberGenerator.GetBytes(KeyLength));

    /// <summary>Reads a key as Python's library does; null when it is not one.</summary>
    public static Fernet? TryParse(string key)
    {
        var bytes = Decode(key.Trim());
        return bytes?.Length == KeyLength ? new Fernet(bytes) : null;
    }

    public string Encrypt(string text, DateTimeOffset now)
    {
        var iv = RandomNumberGenerator.GetBytes(BlockLength);
        using var aes = Aes.Create();
        aes.Key = encryptionKey;
        var cipher = aes.EncryptCbc(Encoding.UTF8.GetBytes(text), iv);

        var token = new byte[HeadLength + cipher.Length + HMACSHA256.HashSizeInBytes];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), now.ToUnixTimeSeconds());
        iv.CopyTo(token, 9);
        cipher.CopyTo(token, HeadLength);
        var signed = token.AsSpan(..^HMACSHA256.HashSizeInBytes);
        HMACSHA256.HashData(signingKey, signed, token.AsSpan(signed.Length));
        return Convert.ToBase64String(token).Replace('+', '-').Replace('/', '_');
    }

    /// <summary>The text in a token; null when the token was changed or made with another key.</summary>
    public string? TryDecrypt(string token)
    {
        var bytes = Decode(token);
        if (bytes is null || bytes.Length < HeadLength + BlockLength + HMACSHA256.HashSizeInBytes || bytes[0] != Version)
            return null;
        var signed = bytes.AsSpan(..^HMACSHA256.HashSizeInBytes);
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(signingKey, signed), bytes.AsSpan(signed.Length)))
            return null;
        using var aes = Aes.Create();
        aes.Key = encryptionKey;
        return Encoding.UTF8.GetString(aes.DecryptCbc(signed[HeadLength..], signed.Slice(9, BlockLength)));
    }

    private static byte[]? Decode(string urlSafe)
    {
        var buffer = new byte[urlSafe.Length];
        return Convert.TryFromBase64String(urlSafe.Replace('-', '+').Replace('_', '/'), buffer, out var length) ? buffer[..length] : null;
    }
}

using System.Security.Cryptography;
using System.Text;
using ModelRegistry.MySqlClient.Protocol;

namespace ModelRegistry.MySqlClient.Auth;

/// <summary>The proofs of knowing a password, made from the server's nonce.</summary>
internal static class PasswordHashes
{
    /// <summary><c>mysql_native_password</c>: SHA1(password) xor SHA1(nonce + SHA1(SHA1(password))).</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The algorithm is the protocol's.")]
    public static byte[] Native(string password, ReadOnlySpan<byte> nonce)
    {
        if (password.Length == 0)
            return [];
        var once = SHA1.HashData(Encoding.UTF8.GetBytes(password));
        return Xor(once, SHA1.HashData([.. nonce, .. SHA1.HashData(once)]));
    }

    /// <summary><c>caching_sha2_password</c>, fast path: SHA256(password) xor SHA256(SHA256(SHA256(password)) + nonce).</summary>
    public static byte[] CachingSha2(string password, ReadOnlySpan<byte> nonce)
    {
        if (password.Length == 0)
            return [];
        var once = SHA256.HashData(Encoding.UTF8.GetBytes(password));
        return Xor(once, SHA256.HashData([.. SHA256.HashData(once), .. nonce]));
    }

    /// <summary><c>caching_sha2_password</c>, full path without TLS: the password, masked by the nonce, under the server's key.</summary>
    public static byte[] Encrypt(string password, ReadOnlySpan<byte> nonce, string publicKeyPem)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(publicKeyPem);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw new ProtocolException($"The server's public key is none: {exception.Message}");
        }

        var masked = Encoding.UTF8.GetBytes(password + "\0");
        for (var i = 0; i < masked.Length; i++)
            masked[i] ^= nonce[i % nonce.Length];
        return rsa.Encrypt(masked, RSAEncryptionPadding.OaepSHA1);
    }

    private static byte[] Xor(byte[] left, byte[] right) => [.. left.Zip(right, (a, b) => (byte)(a ^ b))];
}

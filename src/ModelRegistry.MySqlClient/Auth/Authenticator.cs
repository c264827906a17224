using System.Text;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Auth;

/// <summary>The conversation about the password, up to the server's OK.</summary>
/// <param name="isSecure">Nobody can listen: TLS or a Unix socket.</param>
internal sealed class Authenticator(ConnectionOptions options, PacketStream packets, bool isSecure)
{
    private const byte AuthSwitch = 0xFE;
    private const byte MoreData = 0x01;
    private const byte FastPathDone = 0x03;
    private const byte FullPathNeeded = 0x04;
    private const byte RequestPublicKey = 0x02;

    // A server asks for one switch; more is a server playing games.
    private const int MaxRounds = 8;

    private const int NonceLength = 20;

    private string plugin = "";
    private byte[] nonce = [];

    /// <summary>The first answer, sent within the handshake response.</summary>
    public byte[] Begin(string serverPlugin, byte[] serverNonce)
    {
        plugin = IsKnown(serverPlugin) ? serverPlugin : "mysql_native_password";
        nonce = serverNonce;
        return Proof();
    }

    /// <summary>Name of the method that <see cref="Begin"/> chose.</summary>
    public string Plugin => plugin;

    /// <summary>Answers until the server accepts.</summary>
    /// <exception cref="MySqlException">The server refused, or asks for a method that is not supported.</exception>
    public async ValueTask FinishAsync()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var payload = await packets.ReadAsync().ConfigureAwait(false);
            if (payload.Length == 0)
                throw new ProtocolException("The server sent an empty packet while logging in.");
            switch (payload.Span[0])
            {
                case OkPayload.Signature:
                    return;
                case ErrorPayload.Signature:
                    throw ErrorPayload.Parse(payload.Span).ToException();
                case AuthSwitch:
                    await SendAsync(Switch(payload.Span)).ConfigureAwait(false);
                    break;
                case MoreData:
                    await ContinueAsync(payload[1..]).ConfigureAwait(false);
                    break;
                default:
                    throw new ProtocolException($"0x{payload.Span[0]:X2} has no meaning while logging in.");
            }
        }

        throw new ProtocolException("The server does not come to an end with logging in.");
    }

    private byte[] Switch(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Skip(1);
        plugin = reader.ReadNullTerminatedText();
        nonce = reader.ReadRest().ToArray();
        return IsKnown(plugin)
            ? Proof()
            : throw new MySqlException($"The server wants the user '{options.UserId}' to log in by '{plugin}', which is not supported.");
    }

    private async ValueTask ContinueAsync(ReadOnlyMemory<byte> data)
    {
        if (data.Length == 1 && data.Span[0] == FastPathDone)
            return;
        if (data.Length != 1 || data.Span[0] != FullPathNeeded || plugin != "caching_sha2_password")
            throw new ProtocolException($"The server sent unexpected data for '{plugin}'.");
        if (isSecure)
            await SendAsync(Encoding.UTF8.GetBytes(options.Password + "\0")).ConfigureAwait(false);
        else
            await SendEncryptedAsync().ConfigureAwait(false);
    }

    private async ValueTask SendEncryptedAsync()
    {
        if (!options.AllowPublicKeyRetrieval)
        {
            throw new MySqlException(
                $"The user '{options.UserId}' logs in by caching_sha2_password, which needs TLS (SslMode=Required) or AllowPublicKeyRetrieval=true.");
        }

        await SendAsync([RequestPublicKey]).ConfigureAwait(false);
        var answer = await packets.ReadAsync().ConfigureAwait(false);
        if (answer.Length < 2 || answer.Span[0] != MoreData)
            throw new ProtocolException("The server did not send its public key.");
        var encrypted = PasswordHashes.Encrypt(options.Password, Nonce, Encoding.ASCII.GetString(answer.Span[1..]));
        await SendAsync(encrypted).ConfigureAwait(false);
    }

    private static bool IsKnown(string name) => name is "mysql_native_password" or "caching_sha2_password" or "unix_socket" or "auth_socket";

    private byte[] Proof() => plugin switch
    {
        "mysql_native_password" => PasswordHashes.Native(options.Password, Nonce),
        "caching_sha2_password" => PasswordHashes.CachingSha2(options.Password, Nonce),
        _ => [],
    };

    // Twenty bytes and a NUL.
    private ReadOnlySpan<byte> Nonce => nonce.Length >= NonceLength
        ? nonce.AsSpan(0, NonceLength)
        : throw new ProtocolException($"The server's challenge has {nonce.Length} bytes; {NonceLength} are due.");

    private ValueTask SendAsync(byte[] answer) => packets.WriteAsync(new PayloadWriter().Bytes(answer));
}

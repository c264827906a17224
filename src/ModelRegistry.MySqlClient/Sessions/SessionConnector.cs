using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using ModelRegistry.MySqlClient.Auth;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>Opens sessions: socket, greeting, TLS, login, and the statements that set every session up.</summary>
/// <param name="setup">SQL run on each new or reset session; null for none.</param>
internal sealed class SessionConnector(ConnectionOptions options, string? setup, TimeProvider time)
{
    // utf8mb4_general_ci: the one utf8mb4 collation that all supported servers know.
    private const byte Utf8Mb4 = 45;
    private const uint MaxPacket = 1 << 30;
    private const int KeepAliveSeconds = 60;

    private const CapabilityFlags Wanted =
        CapabilityFlags.LongPassword | CapabilityFlags.FoundRows | CapabilityFlags.LongFlag | CapabilityFlags.Protocol41
        | CapabilityFlags.Transactions | CapabilityFlags.SecureConnection | CapabilityFlags.MultiStatements | CapabilityFlags.MultiResults
        | CapabilityFlags.PreparedMultiResults | CapabilityFlags.PluginAuth | CapabilityFlags.PluginAuthLengthEncodedData | CapabilityFlags.DeprecateEof;

    // A reset takes the server's default character set, which is not always UTF-8, so the handshake's is not enough.
    private readonly string settings = setup is null ? "SET NAMES utf8mb4" : $"SET NAMES utf8mb4; {setup}";

    private string Target => options.IsUnixSocket ? $"The database server at {options.Server}" : $"The database server at {options.Server}:{options.Port}";

    /// <exception cref="MySqlException">The server cannot be reached, or refuses.</exception>
    public async Task<Session> ConnectAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.ConnectionTimeout));
        var socket = options.IsUnixSocket
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        // Reads of the handshake cannot be cancelled one by one; closing the socket ends whichever is under way.
        using var abort = deadline.Token.Register(socket.Dispose);
        try
        {
            await ConnectAsync(socket, deadline.Token).ConfigureAwait(false);
            var session = await LogInAsync(socket).ConfigureAwait(false);
            await PrepareAsync(session).ConfigureAwait(false);
            return session;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw Word(exception, deadline.IsCancellationRequested);
        }
    }

    /// <summary>Gives a session the settings that every user of it expects.</summary>
    public ValueTask PrepareAsync(Session session) => session.ExecuteTextAsync(settings);

    private async Task ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (options.IsUnixSocket)
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(options.Server), cancellationToken).ConfigureAwait(false);
            return;
        }

        // A server that vanished without a word is noticed in minutes, not after the hours of the system's defaults.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        await socket.ConnectAsync(options.Server, options.Port, cancellationToken).ConfigureAwait(false);
    }

    private MySqlException Word(Exception exception, bool isTooLate) => exception switch
    {
        _ when isTooLate => new MySqlException($"{Target} did not answer within {options.ConnectionTimeout} seconds.", exception),
        MySqlException known => known,
        _ => new MySqlException($"{Target} cannot be reached: {exception.Message}", exception),
    };

    private async Task<Session> LogInAsync(Socket socket)
    {
        var packets = new PacketStream(new NetworkStream(socket, ownsSocket: true));
        var greeting = HandshakePayload.Parse((await packets.ReadAsync().ConfigureAwait(false)).Span);
        if (!greeting.Capabilities.HasFlag(CapabilityFlags.Protocol41 | CapabilityFlags.SecureConnection))
            throw new ProtocolException($"The server ({greeting.ServerVersion}) is older than the protocol of MySQL 4.1.");
        var capabilities = Wanted & greeting.Capabilities;

        // Without DEPRECATE_EOF it is not said where columns end that are not sent.
        var mariaDb = capabilities.HasFlag(CapabilityFlags.DeprecateEof) ? greeting.MariaDbCapabilities & MariaDbCapabilityFlags.CacheMetadata : 0;
        if (options.Database.Length > 0)
            capabilities |= CapabilityFlags.ConnectWithDatabase;
        var isEncrypted = await UseTlsAsync(packets, greeting, capabilities, mariaDb).ConfigureAwait(false);
        if (isEncrypted)
            capabilities |= CapabilityFlags.Ssl;

        var authenticator = new Authenticator(options, packets, isEncrypted || options.IsUnixSocket);
        var proof = authenticator.Begin(greeting.AuthPlugin, greeting.Nonce);
        await packets.WriteAsync(Response(capabilities, mariaDb, authenticator.Plugin, proof)).ConfigureAwait(false);
        await authenticator.FinishAsync().ConfigureAwait(false);
        return new Session(
            socket, packets, greeting, capabilities.HasFlag(CapabilityFlags.DeprecateEof), mariaDb.HasFlag(MariaDbCapabilityFlags.CacheMetadata), time.GetUtcNow());
    }

    private PayloadWriter Response(CapabilityFlags capabilities, MariaDbCapabilityFlags mariaDb, string plugin, byte[] proof)
    {
        var writer = Header(capabilities, mariaDb).NullTerminatedText(options.UserId).LengthEncoded(proof);
        if (capabilities.HasFlag(CapabilityFlags.ConnectWithDatabase))
            writer.NullTerminatedText(options.Database);
        return capabilities.HasFlag(CapabilityFlags.PluginAuth) ? writer.NullTerminatedText(plugin) : writer;
    }

    private static PayloadWriter Header(CapabilityFlags capabilities, MariaDbCapabilityFlags mariaDb) =>
        new PayloadWriter().UInt32((uint)capabilities).UInt32(MaxPacket).Byte(Utf8Mb4).Zeros(19).UInt32((uint)mariaDb);

    private async ValueTask<bool> UseTlsAsync(
        PacketStream packets, HandshakePayload greeting, CapabilityFlags capabilities, MariaDbCapabilityFlags mariaDb)
    {
        if (options.SslMode == MySqlSslMode.None || (options.SslMode == MySqlSslMode.Preferred && options.IsUnixSocket))
            return false;
        if (!greeting.Capabilities.HasFlag(CapabilityFlags.Ssl))
        {
            return options.SslMode == MySqlSslMode.Preferred
                ? false
                : throw new MySqlException($"SslMode={options.SslMode} was asked for, but the server does not offer TLS.");
        }

        await packets.WriteAsync(Header(capabilities | CapabilityFlags.Ssl, mariaDb)).ConfigureAwait(false);
        var encrypted = new SslStream(packets.Stream, leaveInnerStreamOpen: false);
        await encrypted.AuthenticateAsClientAsync(TlsOptions()).ConfigureAwait(false);
        packets.Upgrade(encrypted);
        return true;
    }

    private SslClientAuthenticationOptions TlsOptions() => new()
    {
        TargetHost = options.IsUnixSocket ? "localhost" : options.Server,
        CertificateChainPolicy = options.SslCa is null ? null : TrustOnly(options.SslCa),
        RemoteCertificateValidationCallback = (_, _, _, errors) => options.SslMode switch
        {
            MySqlSslMode.VerifyFull => errors == SslPolicyErrors.None,
            MySqlSslMode.VerifyCA => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None,
            _ => true,
        },
    };

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }
}

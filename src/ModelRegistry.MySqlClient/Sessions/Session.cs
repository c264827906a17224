using System.Net.Sockets;
using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;
using ModelRegistry.MySqlClient.Statements;

namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>
/// One logged-in connection. Commands go one at a time. Whatever is not an orderly answer of the server marks it broken: a broken session
/// is closed and never used again.
/// </summary>
internal sealed class Session(
    Socket socket, PacketStream packets, HandshakePayload greeting, bool deprecateEof, bool cachesMetadata, DateTimeOffset openedAt)
    : IAsyncDisposable
{
    private readonly PayloadWriter writer = new();
    private volatile bool isBroken;
    private string? ahead;
    private bool isAheadUnanswered;
    private bool isBeginning;

    public delegate T Parser<T>(ReadOnlySpan<byte> payload);

    public uint ConnectionId => greeting.ConnectionId;

    public string ServerVersion => greeting.ServerVersion;

    public bool DeprecateEof => deprecateEof;

    /// <summary>Each result says whether its columns follow.</summary>
    public bool CachesMetadata => cachesMetadata;

    /// <summary>True after anything that leaves the state of the conversation in doubt.</summary>
    public bool IsBroken => isBroken;

    public ServerStatus Status { get; set; } = ServerStatus.AutoCommit;

    public bool IsInTransaction => isBeginning || Status.HasFlag(ServerStatus.InTransaction);

    /// <summary>The statements prepared on this session.</summary>
    public StatementCache Statements { get; } = new();

    public DateTimeOffset OpenedAt => openedAt;

    /// <summary>When this session last came back to the pool.</summary>
    public DateTimeOffset IdleSince { get; set; }

    /// <summary>Something came although no command is under way: the server has said good-bye, or worse.</summary>
    public bool HasUnexpectedInput => isBroken || packets.HasUnreadInput || socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Sends text to be executed as it is; several statements may be joined by <c>;</c>.</summary>
    public ValueTask SendQueryAsync(string sql) => SendAsync(Begin(CommandKind.Query).Text(sql));

    /// <summary>As <see cref="SendWithNext"/>, of a statement that begins a transaction: from now on the session counts as in one.</summary>
    public void BeginWithNext(string sql)
    {
        SendWithNext(sql);
        isBeginning = true;
    }

    /// <summary>
    /// Keeps a statement without result, which is sent together with the next command: one journey to the server for both. Should the server
    /// refuse it, that command fails with the reason, and the session is closed.
    /// </summary>
    public void SendWithNext(string sql)
    {
        if (isBroken)
            throw IsClosed();
        ahead = ahead is null ? sql : $"{ahead}; {sql}";
    }

    /// <summary>An empty packet for a command, to be filled and sent.</summary>
    public PayloadWriter Begin(CommandKind command) =>
        ahead is null ? writer.Start(command) : writer.Start(CommandKind.Query).Text(ahead).StartBehind(command);

    public async ValueTask SendAsync(PayloadWriter packet)
    {
        if (isBroken)
            throw IsClosed();
        try
        {
            packets.Sequence = 0;
            isAheadUnanswered |= ahead is not null;
            ahead = null;
            await packets.WriteAsync(packet).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            throw Break(exception);
        }
    }

    /// <summary>Asks whether the server is still there.</summary>
    public ValueTask PingAsync() => SimpleAsync(CommandKind.Ping);

    /// <summary>Forgets all session state: variables, temporary tables, prepared statements, an open transaction.</summary>
    public async ValueTask ResetAsync()
    {
        await SimpleAsync(CommandKind.ResetConnection).ConfigureAwait(false);
        Statements.Clear();
    }

    /// <summary>Runs text that returns nothing of interest.</summary>
    public async ValueTask ExecuteTextAsync(string sql)
    {
        await SendQueryAsync(sql).ConfigureAwait(false);
        var result = new ResultStream(this, []);
        while (await result.NextResultAsync().ConfigureAwait(false))
        {
        }
    }

    /// <summary>The next packet is the first of an answer, to a command that was sent together with others.</summary>
    public void ExpectAnswer() => packets.Sequence = 1;

    /// <summary>Reads the next packet of the answer; failures to do so break the session.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        try
        {
            if (isAheadUnanswered)
                await ReadAheadAsync().ConfigureAwait(false);
            return await ReadPacketAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            throw Break(exception);
        }
    }

    /// <summary>Reads the descriptions of so many columns or parameters, and what ends them on servers that still end them.</summary>
    public async ValueTask<ColumnPayload[]> ReadColumnsAsync(int count)
    {
        if (count == 0)
            return [];
        var columns = new ColumnPayload[count];
        for (var i = 0; i < count; i++)
            columns[i] = Parse(await ReadAsync().ConfigureAwait(false), ColumnPayload.Parse);
        return deprecateEof || (await ReadAsync().ConfigureAwait(false)).Span[0] == OkPayload.EndSignature
            ? columns
            : throw Break(new ProtocolException("The descriptions of columns do not end."));
    }

    /// <summary>Parses a packet; one that makes no sense breaks the session.</summary>
    public T Parse<T>(ReadOnlyMemory<byte> payload, Parser<T> parse)
    {
        try
        {
            return parse(payload.Span);
        }
        catch (ProtocolException exception)
        {
            throw Break(exception);
        }
    }

    /// <summary>Declares the session unusable and words the reason for the caller.</summary>
    public MySqlException Break(Exception cause)
    {
        isBroken = true;
        return cause as MySqlException ?? new MySqlException($"The connection to the database server failed: {cause.Message}", cause);
    }

    /// <summary>Closes the socket when this session comes back, and lets nothing be sent until then.</summary>
    public void Doom() => isBroken = true;

    /// <summary>Closes the socket at once, so that whoever waits for an answer stops waiting.</summary>
    public void Abort()
    {
        isBroken = true;
        socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!isBroken)
                await SendAsync(Begin(CommandKind.Quit)).ConfigureAwait(false);
            await packets.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MySqlException || IsConnectionFailure(exception))
        {
            // The good-bye is a courtesy; the server notices the closed socket as well.
            isBroken = true;
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>A failure below SQL, as opposed to an error that the server reported in good order.</summary>
    private static bool IsConnectionFailure(Exception exception) =>
        exception is IOException or ProtocolException or ObjectDisposedException or SocketException;

    private static MySqlException IsClosed() => new("The connection is closed.");

    private async ValueTask<ReadOnlyMemory<byte>> ReadPacketAsync()
    {
        var payload = await packets.ReadAsync().ConfigureAwait(false);
        return payload.Length > 0 ? payload : throw new ProtocolException("The server sent an empty packet.");
    }

    /// <summary>Reads the answer to what was sent ahead of the command whose answer is asked for.</summary>
    private async ValueTask ReadAheadAsync()
    {
        isAheadUnanswered = isBeginning = false;
        var expected = packets.Sequence;
        ExpectAnswer();
        do
        {
            var payload = await ReadPacketAsync().ConfigureAwait(false);
            if (payload.Span[0] == ErrorPayload.Signature)
                throw Break(ErrorPayload.Parse(payload.Span).ToException());
            Status = OkPayload.Parse(payload.Span).Status;
        }
        while (Status.HasFlag(ServerStatus.MoreResults));
        packets.Sequence = expected;
    }

    private async ValueTask SimpleAsync(CommandKind command)
    {
        await SendAsync(Begin(command)).ConfigureAwait(false);
        var payload = await ReadAsync().ConfigureAwait(false);
        if (payload.Span[0] == ErrorPayload.Signature)
            throw Parse(payload, ErrorPayload.Parse).ToException();
        Status = Parse(payload, OkPayload.Parse).Status;
    }
}

using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;
using ModelRegistry.MySqlClient.Statements;

namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>
/// One logged-in connection. Commands go one at a time. Whatever is not an orderly answer of the server marks it broken: a broken session
/// is closed and never used again.
/// </summary>
internal sealed class Session(PacketStream packets, HandshakePayload greeting, CapabilityFlags capabilities, TimeProvider time) : IAsyncDisposable
{
    private readonly PayloadWriter writer = new();
    private readonly StatementCache statements = new();

    public uint ConnectionId => greeting.ConnectionId;

    public string ServerVersion => greeting.ServerVersion;

    public bool DeprecateEof { get; } = capabilities.HasFlag(CapabilityFlags.DeprecateEof);

    /// <summary>True after anything that leaves the state of the conversation in doubt.</summary>
    public bool IsBroken { get; private set; }

    public ServerStatus Status { get; set; } = ServerStatus.AutoCommit;

    public bool IsInTransaction => Status.HasFlag(ServerStatus.InTransaction);

    /// <summary>When this session was opened, and when it last came back to the pool.</summary>
    public DateTimeOffset OpenedAt { get; } = time.GetUtcNow();

    public DateTimeOffset IdleSince { get; set; }

    /// <summary>Bytes that wait although no command is under way: the server has said good-bye, or worse.</summary>
    public bool HasUnexpectedInput => packets.HasUnreadInput;

    /// <summary>Sends text to be executed as it is; several statements may be joined by <c>;</c>.</summary>
    public async ValueTask SendQueryAsync(string sql)
    {
        writer.Start(CommandKind.Query).Text(sql);
        await SendAsync().ConfigureAwait(false);
    }

    /// <summary>Sends the execution of a prepared statement, preparing it first if this session has not done so yet.</summary>
    public async ValueTask<PreparedStatement> SendExecuteAsync(ParsedStatement parsed, MySqlParameterCollection parameters)
    {
        var statement = statements.Find(parsed.Sql) ?? await PrepareAsync(parsed).ConfigureAwait(false);
        var values = PreparedStatement.BindValues(parsed, parameters);
        await SendLongDataAsync(statement, values).ConfigureAwait(false);
        ExecuteWriter.Write(writer, statement, values);
        await SendAsync().ConfigureAwait(false);
        return statement;
    }

    /// <summary>Asks whether the server is still there.</summary>
    public ValueTask PingAsync() => SimpleAsync(CommandKind.Ping);

    /// <summary>Forgets all session state: variables, temporary tables, prepared statements, an open transaction.</summary>
    public async ValueTask ResetAsync()
    {
        await SimpleAsync(CommandKind.ResetConnection).ConfigureAwait(false);
        statements.Clear();
    }

    /// <summary>Runs text that returns nothing of interest.</summary>
    public async ValueTask ExecuteTextAsync(string sql)
    {
        await SendQueryAsync(sql).ConfigureAwait(false);
        var result = new ResultStream(this, isBinary: false);
        while (await result.NextResultAsync().ConfigureAwait(false))
            await result.SkipRowsAsync().ConfigureAwait(false);
    }

    /// <summary>Reads the next packet of the answer; failures to do so break the session.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        try
        {
            var payload = await packets.ReadAsync().ConfigureAwait(false);
            return payload.Length > 0 ? payload : throw new ProtocolException("The server sent an empty packet.");
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            throw Break(exception);
        }
    }

    /// <summary>Declares the session unusable and words the reason for the caller.</summary>
    public MySqlException Break(Exception cause)
    {
        IsBroken = true;
        return cause as MySqlException ?? new MySqlException($"The connection to the database server failed: {cause.Message}", cause);
    }

    /// <summary>Closes the socket at once, so that whoever waits for an answer stops waiting.</summary>
    public void Abort()
    {
        IsBroken = true;
        packets.Stream.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsBroken)
        {
            try
            {
                writer.Start(CommandKind.Quit);
                await SendAsync().ConfigureAwait(false);
            }
            catch (MySqlException)
            {
                // The good-bye is a courtesy; the server notices the closed socket as well.
                IsBroken = true;
            }
        }

        await packets.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>A failure below SQL, as opposed to an error that the server reported in good order.</summary>
    public static bool IsConnectionFailure(Exception exception) =>
        exception is IOException or ProtocolException or ObjectDisposedException or System.Net.Sockets.SocketException;

    private async ValueTask SimpleAsync(CommandKind command)
    {
        writer.Start(command);
        await SendAsync().ConfigureAwait(false);
        var payload = await ReadAsync().ConfigureAwait(false);
        if (payload.Span[0] == ErrorPayload.Signature)
            throw ErrorPayload.Parse(payload.Span).ToException();
        Status = OkPayload.Parse(payload.Span).Status;
    }

    private async ValueTask SendAsync()
    {
        if (IsBroken)
            throw new MySqlException("The connection is closed.");
        try
        {
            packets.ResetSequence();
            await packets.WriteAsync(writer.Written).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
            throw Break(exception);
        }
    }

    private async ValueTask<PreparedStatement> PrepareAsync(ParsedStatement parsed)
    {
        writer.Start(CommandKind.StatementPrepare).Text(parsed.Sql);
        await SendAsync().ConfigureAwait(false);
        var payload = await ReadAsync().ConfigureAwait(false);
        if (payload.Span[0] == ErrorPayload.Signature)
            throw ErrorPayload.Parse(payload.Span).ToException();
        var ok = ParseOrBreak(payload);
        await SkipDefinitionsAsync(ok.ParameterCount).ConfigureAwait(false);
        await SkipDefinitionsAsync(ok.ColumnCount).ConfigureAwait(false);
        if (ok.ParameterCount != parsed.ParameterNames.Count)
            throw new MySqlException($"The server counts {ok.ParameterCount} parameters in the statement, the client {parsed.ParameterNames.Count}.", 0, "07001");
        var statement = new PreparedStatement(ok.StatementId);
        if (statements.Add(parsed.Sql, statement) is { } evicted)
            await CloseAsync(evicted).ConfigureAwait(false);
        return statement;
    }

    private PrepareOkPayload ParseOrBreak(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return PrepareOkPayload.Parse(payload.Span);
        }
        catch (ProtocolException exception)
        {
            throw Break(exception);
        }
    }

    private async ValueTask SkipDefinitionsAsync(int count)
    {
        var packetCount = count == 0 ? 0 : DeprecateEof ? count : count + 1;
        for (var i = 0; i < packetCount; i++)
            await ReadAsync().ConfigureAwait(false);
    }

    private ValueTask CloseAsync(PreparedStatement statement)
    {
        writer.Start(CommandKind.StatementClose).UInt32(statement.Id);
        return SendAsync();
    }

    private async ValueTask SendLongDataAsync(PreparedStatement statement, object?[] values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            if (!ExecuteWriter.IsLong(values[index]))
                continue;
            var data = (byte[])values[index]!;
            foreach (var part in Enumerable.Range(0, (data.Length + ExecuteWriter.LongDataPart - 1) / ExecuteWriter.LongDataPart))
            {
                var start = part * ExecuteWriter.LongDataPart;
                writer.Start(CommandKind.StatementSendLongData).UInt32(statement.Id).UInt16((ushort)index)
                    .Bytes(data.AsSpan(start, Math.Min(ExecuteWriter.LongDataPart, data.Length - start)));
                await SendAsync().ConfigureAwait(false);
            }
        }
    }
}

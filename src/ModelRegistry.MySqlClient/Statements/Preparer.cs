using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>Executes statements with parameters: prepared once per session, values in the binary protocol.</summary>
internal static class Preparer
{
    private const int TooManyPreparedStatements = 1461;

    /// <summary>Sends the execution of a statement, preparing it first if the session has not done so yet.</summary>
    /// <returns>The statement whose answer is to be read.</returns>
    public static async ValueTask<PreparedStatement> SendExecuteAsync(Session session, string sql, MySqlParameterCollection parameters)
    {
        var parsed = ParsedStatement.Find(sql, parameters, out var values);
        var statement = session.Statements.Find(parsed.Sql) ?? await PrepareAsync(session, parsed).ConfigureAwait(false);
        var packet = session.Begin(CommandKind.StatementExecute);
        ExecuteWriter.Write(packet, statement.Id, values);
        await session.SendAsync(packet).ConfigureAwait(false);
        return statement;
    }

    /// <summary>Sends the executions of several statements at once.</summary>
    /// <returns>The statements in the order of their answers.</returns>
    public static async ValueTask<PreparedStatement[]> SendExecutesAsync(Session session, List<MySqlBatchCommand> commands)
    {
        var statements = new PreparedStatement[commands.Count];
        var values = new object?[commands.Count][];
        for (var i = 0; i < statements.Length; i++)
        {
            var parsed = ParsedStatement.Find(commands[i].CommandText, commands[i].Values, out values[i]);
            statements[i] = session.Statements.Find(parsed.Sql) ?? await PrepareAsync(session, parsed).ConfigureAwait(false);
        }

        if (!Array.TrueForAll(statements, static statement => statement.IsKept))
            throw new MySqlException("The server keeps too few prepared statements for a batch: raise max_prepared_stmt_count.", TooManyPreparedStatements, "42000");
        var packet = session.Begin(CommandKind.StatementExecute);
        ExecuteWriter.Write(packet, statements[0].Id, values[0]);
        for (var i = 1; i < statements.Length; i++)
            ExecuteWriter.Write(packet.StartBehind(CommandKind.StatementExecute), statements[i].Id, values[i]);
        await session.SendAsync(packet).ConfigureAwait(false);
        return statements;
    }

    private static async ValueTask<PreparedStatement> PrepareAsync(Session session, ParsedStatement parsed)
    {
        PreparedStatement statement;
        try
        {
            statement = await SendPrepareAsync(session, parsed).ConfigureAwait(false);
        }
        catch (MySqlException exception) when (exception.Number == TooManyPreparedStatements && session.Statements.TakeAll() is { Length: > 0 } kept)
        {
            // The limit is the whole server's, so what is free now another session may take; then the second attempt's error is the answer.
            foreach (var old in kept)
                await CloseAsync(session, old.Id).ConfigureAwait(false);
            statement = await SendPrepareAsync(session, parsed).ConfigureAwait(false);
        }

        if (session.Statements.Add(parsed.Sql, statement) is { } evicted)
            await CloseAsync(session, evicted.Id).ConfigureAwait(false);
        return statement;
    }

    private static async ValueTask<PreparedStatement> SendPrepareAsync(Session session, ParsedStatement parsed)
    {
        await session.SendAsync(session.Begin(CommandKind.StatementPrepare).Text(parsed.Sql)).ConfigureAwait(false);
        var payload = await session.ReadAsync().ConfigureAwait(false);
        if (payload.Span[0] == ErrorPayload.Signature)
            throw session.Parse(payload, ErrorPayload.Parse).ToException();
        var ok = session.Parse(payload, PrepareOkPayload.Parse);

        // Parameters are typed by their values: what the server thinks of them is of no use.
        await session.ReadColumnsAsync(ok.ParameterCount).ConfigureAwait(false);
        var columns = await session.ReadColumnsAsync(ok.ColumnCount).ConfigureAwait(false);
        if (ok.ParameterCount == parsed.ParameterNames.Count)
            return new PreparedStatement(ok.StatementId, columns);
        await CloseAsync(session, ok.StatementId).ConfigureAwait(false);
        throw new MySqlException($"The server counts {ok.ParameterCount} parameters in the statement, the client {parsed.ParameterNames.Count}.", 0, "07001");
    }

    private static ValueTask CloseAsync(Session session, uint statement) =>
        session.SendAsync(session.Begin(CommandKind.StatementClose).UInt32(statement));
}

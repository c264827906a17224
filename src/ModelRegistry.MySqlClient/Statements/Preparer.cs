using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>Executes statements with parameters: prepared once per session, values in the binary protocol.</summary>
internal static class Preparer
{
    private const int TooManyPreparedStatements = 1461;

    /// <summary>Sends the execution of a statement, preparing it first if the session has not done so yet.</summary>
    public static async ValueTask SendExecuteAsync(Session session, string sql, MySqlParameterCollection parameters)
    {
        var parsed = ParsedStatement.Find(sql, parameters, out var values);
        var statement = session.Statements.Find(parsed.Sql) ?? await PrepareAsync(session, parsed).ConfigureAwait(false);
        var packet = session.Begin(CommandKind.StatementExecute);
        ExecuteWriter.Write(packet, statement, values);
        await session.SendAsync(packet).ConfigureAwait(false);
    }

    private static async ValueTask<uint> PrepareAsync(Session session, ParsedStatement parsed)
    {
        PrepareOkPayload ok;
        try
        {
            ok = await SendPrepareAsync(session, parsed.Sql).ConfigureAwait(false);
        }
        catch (MySqlException exception) when (exception.Number == TooManyPreparedStatements && session.Statements.TakeAll() is { Length: > 0 } kept)
        {
            // The limit is the whole server's, so what is free now another session may take; then the second attempt's error is the answer.
            foreach (var statement in kept)
                await CloseAsync(session, statement).ConfigureAwait(false);
            ok = await SendPrepareAsync(session, parsed.Sql).ConfigureAwait(false);
        }

        if (ok.ParameterCount != parsed.ParameterNames.Count)
        {
            await CloseAsync(session, ok.StatementId).ConfigureAwait(false);
            throw new MySqlException($"The server counts {ok.ParameterCount} parameters in the statement, the client {parsed.ParameterNames.Count}.", 0, "07001");
        }

        if (session.Statements.Add(parsed.Sql, ok.StatementId) is { } evicted)
            await CloseAsync(session, evicted).ConfigureAwait(false);
        return ok.StatementId;
    }

    private static async ValueTask<PrepareOkPayload> SendPrepareAsync(Session session, string sql)
    {
        await session.SendAsync(session.Begin(CommandKind.StatementPrepare).Text(sql)).ConfigureAwait(false);
        var payload = await session.ReadAsync().ConfigureAwait(false);
        if (payload.Span[0] == ErrorPayload.Signature)
            throw session.Parse(payload, ErrorPayload.Parse).ToException();
        var ok = session.Parse(payload, PrepareOkPayload.Parse);

        // Executions describe their columns again, and parameters are typed by their values: the definitions here are of no use.
        await SkipDefinitionsAsync(session, ok.ParameterCount).ConfigureAwait(false);
        await SkipDefinitionsAsync(session, ok.ColumnCount).ConfigureAwait(false);
        return ok;
    }

    private static async ValueTask SkipDefinitionsAsync(Session session, int count)
    {
        var packetCount = count == 0 ? 0 : session.DeprecateEof ? count : count + 1;
        for (var i = 0; i < packetCount; i++)
            await session.ReadAsync().ConfigureAwait(false);
    }

    private static ValueTask CloseAsync(Session session, uint statement) =>
        session.SendAsync(session.Begin(CommandKind.StatementClose).UInt32(statement));
}

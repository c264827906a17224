using ModelRegistry.MySqlClient.Protocol;
using ModelRegistry.MySqlClient.Protocol.Payloads;
using ModelRegistry.MySqlClient.Protocol.Serialization;
using ModelRegistry.MySqlClient.Statements;

namespace ModelRegistry.MySqlClient.Sessions;

/// <summary>The answer to one command, or to several sent at once, as it comes off the wire: results one after the other, rows one at a time.</summary>
/// <param name="statements">What was executed, each in a command of its own, whose rows are in the binary protocol; empty for a text.</param>
internal sealed class ResultStream(Session session, PreparedStatement[] statements)
{
    private const byte LocalInfileRequest = 0xFB;
    private const byte BinaryRow = 0x00;

    // More columns than any server allows in a table or a view.
    private const ulong MaxColumns = 4096;

    // The EOF packet of servers without DEPRECATE_EOF is shorter than any row that starts with the same byte.
    private const int ShortEnd = 9;

    private int current;
    private bool isInRows;
    private bool hasMore = true;

    /// <summary>Columns of the current result; empty when it has no rows to give.</summary>
    public ColumnPayload[] Columns { get; private set; } = [];

    /// <summary>What the last statement without rows did.</summary>
    public OkPayload Ok { get; private set; }

    /// <summary>Rows touched by all statements so far.</summary>
    public ulong AffectedRows { get; private set; }

    public bool IsBinary => statements.Length > 0;

    /// <summary>Everything has been read: the session is free for the next command.</summary>
    public bool IsComplete => !hasMore && !isInRows;

    /// <summary>Goes to the next result; what is left of the current one is skipped.</summary>
    /// <returns>False when the answer is at its end.</returns>
    /// <exception cref="MySqlException">A statement failed; the answer is at its end.</exception>
    public async ValueTask<bool> NextResultAsync()
    {
        await SkipRowsAsync().ConfigureAwait(false);
        if (!hasMore)
            return false;
        var payload = await session.ReadAsync().ConfigureAwait(false);
        switch (payload.Span[0])
        {
            case OkPayload.Signature:
                Columns = [];
                Finish(session.Parse(payload, OkPayload.Parse));
                AffectedRows += Ok.AffectedRows;
                return true;
            case ErrorPayload.Signature:
                throw Fail(payload);
            case LocalInfileRequest:
                throw session.Break(new ProtocolException("The server asked for a local file, which is never sent."));
            default:
                await ReadColumnsAsync(payload).ConfigureAwait(false);
                return true;
        }
    }

    /// <summary>The next row of the current result, valid until the one after it is asked for; null behind the last.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextRowAsync()
    {
        if (!isInRows)
            return null;
        var payload = await session.ReadAsync().ConfigureAwait(false);
        var first = payload.Span[0];
        if (first == ErrorPayload.Signature)
            throw Fail(payload);
        if (first == OkPayload.EndSignature && IsEnd(payload.Length))
        {
            isInRows = false;
            Finish(session.Parse<OkPayload>(payload, session.DeprecateEof ? OkPayload.Parse : OkPayload.ParseEof));
            return null;
        }

        return !IsBinary || first == BinaryRow
            ? payload
            : throw session.Break(new ProtocolException($"0x{first:X2} does not begin a row."));
    }

    public async ValueTask SkipRowsAsync()
    {
        while (isInRows)
            await NextRowAsync().ConfigureAwait(false);
    }

    private bool IsEnd(int length) => session.DeprecateEof ? length < OkPayload.MaxEndLength : length < ShortEnd;

    private async ValueTask ReadColumnsAsync(ReadOnlyMemory<byte> header)
    {
        var (count, areSent) = session.Parse<(ulong, bool)>(header, session.CachesMetadata ? ReadMarkedHeader : ReadHeader);
        if (count is 0 or > MaxColumns)
            throw session.Break(new ProtocolException($"A result of {count} columns is not credible."));
        Columns = areSent ? await session.ReadColumnsAsync((int)count).ConfigureAwait(false) : IsBinary ? statements[current].Columns : [];
        if (areSent && IsBinary)
            statements[current].Columns = Columns;
        if ((ulong)Columns.Length != count)
            throw session.Break(new ProtocolException($"The server left out the description of {count} columns."));
        isInRows = true;
        hasMore = false;
    }

    private static (ulong Count, bool AreSent) ReadHeader(ReadOnlySpan<byte> payload) => (new PayloadReader(payload).ReadLength(), true);

    private static (ulong Count, bool AreSent) ReadMarkedHeader(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        return (reader.ReadLength(), reader.ReadByte() != 0);
    }

    private void Finish(OkPayload ok)
    {
        Ok = ok;
        session.Status = ok.Status;
        hasMore = ok.Status.HasFlag(ServerStatus.MoreResults);
        if (hasMore || current + 1 >= statements.Length)
            return;
        current++;
        hasMore = true;
        session.ExpectAnswer();
    }

    private MySqlException Fail(ReadOnlyMemory<byte> payload)
    {
        isInRows = hasMore = false;
        if (current + 1 < statements.Length)
            session.Doom();
        return session.Parse(payload, ErrorPayload.Parse).ToException();
    }
}

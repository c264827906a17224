using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using ModelRegistry.MySqlClient.Sessions;
using ModelRegistry.MySqlClient.Statements;

namespace ModelRegistry.MySqlClient;

/// <summary>
/// SQL with named parameters. With parameters it is prepared on the server and the values travel in the binary protocol; without, the text is
/// sent as it is and may hold several statements.
/// </summary>
public sealed class MySqlCommand : DbCommand
{
    private readonly MySqlParameterCollection parameters = [];
    private MySqlConnection? connection;
    private int? timeout;

    [AllowNull]
    public override string CommandText { get; set => field = value ?? ""; } = "";

    /// <summary>Seconds until the last row must be read; 0 for no limit. The connection string's default unless set.</summary>
    public override int CommandTimeout
    {
        get => timeout ?? connection?.Options.DefaultCommandTimeout ?? 30;
        set => timeout = value;
    }

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
                throw new NotSupportedException("Stored procedures are called by SQL text.");
        }
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => connection = (MySqlConnection?)value;
    }

    protected override DbParameterCollection DbParameterCollection => parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    /// <summary>Does nothing: cancel by the token given to the execution.</summary>
    public override void Cancel()
    {
    }

    public override int ExecuteNonQuery() => ExecuteNonQueryAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return await reader.ReadAffectedAsync().ConfigureAwait(false);
    }

    public override object? ExecuteScalar() => ExecuteScalarAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return await reader.ReadScalarAsync().ConfigureAwait(false);
    }

    /// <summary>Does nothing: statements are prepared when they first run, and kept.</summary>
    public override void Prepare()
    {
    }

    protected override DbParameter CreateDbParameter() => new MySqlParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        ExecuteDbDataReaderAsync(behavior, CancellationToken.None).GetAwaiter().GetResult();

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        await OpenAsync(behavior, cancellationToken).ConfigureAwait(false);

    private Task<MySqlDataReader> OpenAsync(CommandBehavior behavior, CancellationToken cancellationToken) => connection is null
        ? throw new InvalidOperationException("The command has no connection.")
        : MySqlDataReader.OpenAsync(connection, SendAsync, CommandTimeout, behavior, cancellationToken);

    private async ValueTask<ResultStream> SendAsync(Session session)
    {
        if (parameters.Count > 0)
            return new ResultStream(session, [await Preparer.SendExecuteAsync(session, CommandText, parameters).ConfigureAwait(false)]);
        await session.SendQueryAsync(CommandText).ConfigureAwait(false);
        return new ResultStream(session, []);
    }
}

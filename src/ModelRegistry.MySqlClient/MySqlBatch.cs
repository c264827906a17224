using System.Data;
using System.Data.Common;
using ModelRegistry.MySqlClient.Sessions;
using ModelRegistry.MySqlClient.Statements;

namespace ModelRegistry.MySqlClient;

/// <summary>
/// Several statements that are sent at once and answered one after the other: one journey to the server for all. Each is prepared, whether it
/// has parameters or not. When one fails, those behind it are done all the same, but their answers are not read: the connection is closed.
/// </summary>
public sealed class MySqlBatch : DbBatch
{
    private readonly MySqlBatchCommandCollection commands = [];
    private MySqlConnection? connection;

    /// <summary>Seconds until the last row must be read; 0 for no limit.</summary>
    public override int Timeout { get; set; } = 30;

    protected override DbBatchCommandCollection DbBatchCommands => commands;

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => connection = (MySqlConnection?)value;
    }

    protected override DbTransaction? DbTransaction { get; set; }

    /// <summary>Does nothing: cancel by the token given to the execution.</summary>
    public override void Cancel()
    {
    }

    public override int ExecuteNonQuery() => ExecuteNonQueryAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken = default)
    {
        var reader = await OpenAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return await reader.ReadAffectedAsync().ConfigureAwait(false);
    }

    public override object? ExecuteScalar() => ExecuteScalarAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken = default)
    {
        var reader = await OpenAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        return await reader.ReadScalarAsync().ConfigureAwait(false);
    }

    /// <summary>Does nothing: statements are prepared when they first run, and kept.</summary>
    public override void Prepare()
    {
    }

    /// <inheritdoc cref="Prepare"/>
    public override Task PrepareAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    protected override DbBatchCommand CreateDbBatchCommand() => new MySqlBatchCommand();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        ExecuteDbDataReaderAsync(behavior, CancellationToken.None).GetAwaiter().GetResult();

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        await OpenAsync(behavior, cancellationToken).ConfigureAwait(false);

    private Task<MySqlDataReader> OpenAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        var owner = connection ?? throw new InvalidOperationException("The batch has no connection.");
        if (commands.Count == 0)
            throw new InvalidOperationException("The batch has no statement.");
        return MySqlDataReader.OpenAsync(owner, SendAsync, Timeout, behavior, cancellationToken);
    }

    private async ValueTask<ResultStream> SendAsync(Session session) =>
        new(session, await Preparer.SendExecutesAsync(session, commands.Commands).ConfigureAwait(false));
}

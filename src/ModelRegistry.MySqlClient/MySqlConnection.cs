using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient;

/// <summary>A connection on loan from its <see cref="MySqlDataSource"/>; disposing gives it back.</summary>
public sealed class MySqlConnection : DbConnection
{
    private readonly MySqlDataSource source;
    private Session? session;

    internal MySqlConnection(MySqlDataSource source) => this.source = source;

    [AllowNull]
    public override string ConnectionString
    {
        get => source.ConnectionString;
        set => throw new NotSupportedException("A connection belongs to its data source.");
    }

    public override string Database => source.Options.Database;

    public override string DataSource => source.Options.Server;

    public override int ConnectionTimeout => source.Options.ConnectionTimeout;

    /// <summary>As the server's greeting has it, such as <c>8.4.0</c> or <c>10.11.6-MariaDB</c>.</summary>
    public override string ServerVersion => Session.ServerVersion;

    public override ConnectionState State => session is null ? ConnectionState.Closed : session.IsBroken ? ConnectionState.Broken : ConnectionState.Open;

    internal Session Session => session ?? throw new InvalidOperationException("The connection is not open.");

    internal SessionConnector Connector => source.Connector;

    internal ConnectionOptions Options => source.Options;

    /// <summary>The reader whose rows are still on the wire; one at a time.</summary>
    internal MySqlDataReader? ActiveReader { get; set; }

    internal MySqlTransaction? ActiveTransaction { get; set; }

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (session is not null)
            throw new InvalidOperationException("The connection is open already.");
        session = await source.RentAsync(cancellationToken).ConfigureAwait(false);
    }

    public override void Open() => OpenAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override async Task CloseAsync()
    {
        try
        {
            await CloseReaderAsync().ConfigureAwait(false);
        }
        finally
        {
            ActiveTransaction?.Detach();
            if (Interlocked.Exchange(ref session, null) is { } borrowed)
                await source.ReturnAsync(borrowed).ConfigureAwait(false);
        }
    }

    public override void Close() => CloseAsync().GetAwaiter().GetResult();

    public override void ChangeDatabase(string databaseName) =>
        throw new NotSupportedException("A pooled connection stays with its database.");

    /// <summary>Whether the server has a transaction open, as of its last answer; a broken connection says so when it is used.</summary>
    internal bool IsInTransaction => session is { IsBroken: true } or { IsInTransaction: true };

    internal async Task CloseReaderAsync()
    {
        if (ActiveReader is { } reader)
            await reader.DisposeAsync().ConfigureAwait(false);
    }

    internal async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new MySqlCommand { Connection = this, CommandText = sql };
        await using var end = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }

    public override bool CanCreateBatch => true;

    protected override DbBatch CreateDbBatch() => new MySqlBatch { Connection = this };

    protected override DbCommand CreateDbCommand() => new MySqlCommand { Connection = this };

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) =>
        BeginDbTransactionAsync(isolationLevel, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    protected override async ValueTask<DbTransaction> BeginDbTransactionAsync(IsolationLevel isolationLevel, CancellationToken cancellationToken)
    {
        if (ActiveTransaction is not null)
            throw new InvalidOperationException("A transaction is open on this connection already.");
        var begin = MySqlTransaction.BeginStatement(isolationLevel);

        // A snapshot is of this moment; other transactions may as well begin with their first statement.
        if (isolationLevel == IsolationLevel.Snapshot)
            await ExecuteAsync(begin, cancellationToken).ConfigureAwait(false);
        else
            Session.BeginWithNext(begin);
        return ActiveTransaction = new MySqlTransaction(this, isolationLevel);
    }
}

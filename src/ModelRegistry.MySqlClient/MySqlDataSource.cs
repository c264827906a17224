using System.Data.Common;
using ModelRegistry.MySqlClient.Pooling;
using ModelRegistry.MySqlClient.Sessions;

namespace ModelRegistry.MySqlClient;

/// <summary>The pool of connections to one server, and the only place they come from.</summary>
public sealed class MySqlDataSource : DbDataSource
{
    private readonly SessionPool pool;

    /// <param name="connectionString">Options as <see cref="MySqlConnectionStringBuilder"/> has them.</param>
    /// <param name="setup">SQL run on every new or reset connection, such as <c>SET SESSION sql_mode = …</c>.</param>
    /// <param name="time">Clock for lifetimes; the system's by default.</param>
    /// <exception cref="ArgumentException">The connection string has an unknown option or a bad value.</exception>
    public MySqlDataSource(string connectionString, string? setup = null, TimeProvider? time = null)
    {
        var shown = new MySqlConnectionStringBuilder(connectionString);
        Options = new ConnectionOptions(shown);
        shown.Remove("Password");
        ConnectionString = shown.ConnectionString;
        time ??= TimeProvider.System;
        Connector = new SessionConnector(Options, setup, time);
        pool = new SessionPool(Options, Connector, time);
    }

    /// <summary>The connection string without its password.</summary>
    public override string ConnectionString { get; }

    internal SessionConnector Connector { get; }

    internal ConnectionOptions Options { get; }

    internal ValueTask<Session> RentAsync(CancellationToken cancellationToken) => pool.RentAsync(cancellationToken);

    internal ValueTask ReturnAsync(Session session) => pool.ReturnAsync(session);

    protected override DbConnection CreateDbConnection() => new MySqlConnection(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            pool.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose(disposing);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await pool.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsyncCore().ConfigureAwait(false);
    }
}

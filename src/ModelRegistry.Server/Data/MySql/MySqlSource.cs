using System.Data.Common;
using System.Net.Sockets;
using MySqlConnector;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>The connections to one MySQL or MariaDB, or to one node of a cluster: a pool of MySqlConnector.</summary>
/// <remarks>
/// Statements go as text. A prepared one would spare MariaDB the parsing, but MySqlConnector then mixes up the names of columns there; see
/// <c>docs/decisions/0003-mysql-driver.md</c> and the test that shows it.
/// </remarks>
internal sealed class MySqlSource : DbDataSource
{
    /// <summary>
    /// Every session: <c>"…"</c> quotes names, experiment 0 can be inserted, bad values are refused rather than bent, a lock is not waited
    /// for longer than a client waits for an answer, and transactions see what others commit (row locks keep what they read from changing).
    /// </summary>
    private const string SetUp =
        """
        SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SET SESSION sql_mode = 'ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 20;
        SHOW SESSION VARIABLES LIKE 'wsrep_on'
        """;

    private static int sources;

    private readonly string connectionString;
    private readonly string name = $"modelregistry-{Interlocked.Increment(ref sources)}";
    private readonly PoolMetrics metrics;
    private volatile MySqlDataSource pool;
    private volatile bool isCluster;

    /// <param name="commandTimeout">Seconds a statement may take.</param>
    public MySqlSource(MySqlAddress address, int maxConnections, int commandTimeout = 30)
    {
        connectionString = OptionsOf(address, maxConnections, commandTimeout).ConnectionString;
        metrics = new PoolMetrics(name, address.UnixSocket ?? address.Host);
        pool = CreatePool();
    }

    public override string ConnectionString => connectionString;

    /// <summary>Whether the server is a node of a Galera cluster, as the newest connection has found it.</summary>
    public bool IsCluster => isCluster;

    /// <summary>
    /// Goes on with a new pool in place of <paramref name="stale"/>, unless somebody else has done so. When one connection is found dead, most likely
    /// all are, and whoever tries again would meet one after the other: the pool does not look at a connection before it hands it out.
    /// </summary>
    public async ValueTask RenewAsync(MySqlDataSource stale)
    {
        if (pool != stale)
            return;
        var fresh = CreatePool();
        var closed = Interlocked.CompareExchange(ref pool, fresh, stale) == stale ? stale : fresh;
        await closed.DisposeAsync();
    }

    /// <summary>Whether <paramref name="candidate"/> is the pool that connections come from now.</summary>
    public bool IsCurrent(MySqlDataSource candidate) => pool == candidate;

    protected override DbConnection CreateDbConnection() =>
        throw new NotSupportedException("Connections come open: use OpenConnectionAsync.");

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var current = pool;
            try
            {
                return new MySqlSession(await current.OpenConnectionAsync(cancellationToken), this, current);
            }
            catch (ObjectDisposedException) when (!IsCurrent(current))
            {
                // The pool was renewed between the two lines above.
            }
            catch (NotSupportedException e)
            {
                throw new LoginMethodException(e);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // A connection that breaks while its session is set up: not all that MySqlConnector throws then is an exception of its own.
                throw new ConnectionLostException(e);
            }
        }
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await pool.DisposeAsync();
        metrics.Dispose();
        await base.DisposeAsyncCore();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pool.Dispose();
            metrics.Dispose();
        }

        base.Dispose(disposing);
    }

    private static MySqlConnectionStringBuilder OptionsOf(MySqlAddress address, int maxConnections, int commandTimeout)
    {
        var options = new MySqlConnectionStringBuilder
        {
            Server = address.UnixSocket ?? address.Host,
            ConnectionProtocol = address.UnixSocket is null ? MySqlConnectionProtocol.Sockets : MySqlConnectionProtocol.UnixSocket,
            Port = (uint)address.Port,
            UserID = address.User,
            Password = address.Password,
            Database = address.Database,
            SslMode = Enum.Parse<MySqlSslMode>(address.SslMode),
            AllowPublicKeyRetrieval = address.AllowPublicKeyRetrieval,
            ConnectionTimeout = (uint)address.ConnectTimeout,
            DefaultCommandTimeout = (uint)commandTimeout,
            MaximumPoolSize = (uint)maxConnections,

            // Our statements leave no state behind but an open transaction, which its disposal ends; a reset would be a round trip per request.
            ConnectionReset = false,

            // Finds out about a peer that went without a word, before a firewall forgets an idle connection.
            Keepalive = 60,
            AutoEnlist = false,

            // See the remarks above; batches would become one round trip per statement as well.
            IgnorePrepare = true,

            // Ids of 36 characters are text here.
            GuidFormat = MySqlGuidFormat.None,
        };
        if (address.SslCa is { } authority)
            options.SslCa = authority;
        return options;
    }

    private MySqlDataSource CreatePool()
    {
        MySqlDataSource? created = null;
        created = new MySqlDataSourceBuilder(connectionString).UseName(name).UseConnectionOpenedCallback((context, _) =>

            // With no condition it comes out of the pool, where nothing undoes what was set.
            context.Conditions == MySqlConnectionOpenedConditions.None ? ValueTask.CompletedTask : SetUpAsync(context.Connection, created!)).Build();
        return created;
    }

    /// <remarks>
    /// Not cancellable, and after a failure the pool is renewed: a session that was set up by half would otherwise come back as one that is ready.
    /// </remarks>
    private async ValueTask SetUpAsync(MySqlConnection connection, MySqlDataSource home)
    {
        try
        {
            await using var command = new MySqlCommand(SetUp, connection);
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            isCluster = await reader.ReadAsync(CancellationToken.None) && reader.GetString(1) == "ON";
        }
        catch
        {
            await RenewAsync(home);
            throw;
        }
    }
}

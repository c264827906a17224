using System.Data.Common;
using ModelRegistry.MySqlClient;

namespace ModelRegistry.Server.Data.MySqlDrivers;

/// <summary>The one place that knows which MySQL driver was compiled in: here our own.</summary>
internal static class MySqlDriver
{
    public const string Name = "ModelRegistry.MySqlClient";

    /// <param name="setup">SQL run on every new session.</param>
    public static DbDataSource Open(MySqlAddress address, string setup, int maxConnections)
    {
        var options = new MySqlConnectionStringBuilder
        {
            Server = address.UnixSocket ?? address.Host,
            Port = address.Port,
            UserId = address.User,
            Password = address.Password,
            Database = address.Database,
            SslMode = Enum.Parse<MySqlSslMode>(address.SslMode),
            AllowPublicKeyRetrieval = address.AllowPublicKeyRetrieval,
            ConnectionTimeout = address.ConnectTimeout,
            MaximumPoolSize = maxConnections,

            // Our statements leave no state behind but an open transaction, which the pool ends; a reset would cost the prepared statements.
            ConnectionReset = false,
        };
        if (address.SslCa is { } authority)
            options.SslCa = authority;
        return new MySqlDataSource(options.ConnectionString, setup);
    }

    /// <summary>The server's error number; 0 for failures that are not the server's answer.</summary>
    public static int ErrorNumber(DbException exception) => (exception as MySqlException)?.Number ?? 0;

    /// <summary>The connection is gone, and with it whatever was not committed.</summary>
    public static bool IsConnectionLost(DbException exception) => exception is MySqlException { IsConnectionLost: true };
}

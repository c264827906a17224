using System.Data.Common;
using ModelRegistry.Server.Errors;
using MySqlConnector;

namespace ModelRegistry.Server.Data.MySqlDrivers;

/// <summary>The one place that knows which MySQL driver was compiled in: here MySqlConnector (<c>-p:MySqlDriver=MySqlConnector</c>).</summary>
internal static class MySqlDriver
{
    public const string Name = "MySqlConnector";

    /// <param name="setup">SQL run on every new session.</param>
    public static DbDataSource Open(MySqlAddress address, string setup, int maxConnections)
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
            MaximumPoolSize = (uint)maxConnections,
            ConnectionReset = false,
            AllowUserVariables = true,
        };
        if (address.SslCa is { } authority)
            options.SslCa = authority;
        return new MySqlDataSourceBuilder(options.ConnectionString)
            .UseConnectionOpenedCallback(async (context, cancellationToken) =>
            {
                using var command = new MySqlCommand(setup, context.Connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            })
            .Build();
    }

    /// <summary>The server's error number; 0 for failures that are not the server's answer.</summary>
    public static int ErrorNumber(DbException exception) => (exception as MySqlException)?.Number ?? 0;

    /// <summary>The connection is gone, and with it whatever was not committed.</summary>
    public static bool IsConnectionLost(DbException exception) =>
        exception is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.None } or { InnerException: IOException };
}

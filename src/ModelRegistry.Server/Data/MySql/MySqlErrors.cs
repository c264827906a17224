using System.Data.Common;
using System.Net.Sockets;
using MySqlConnector;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>What an exception of MySqlConnector says.</summary>
internal static class MySqlErrors
{
    /// <summary>The server's error number; zero or below, or <see cref="MySqlErrorCode.UnableToConnectToHost"/>, for failures that are not the server's answer.</summary>
    public static int NumberOf(DbException exception) => (exception as MySqlException)?.Number ?? 0;

    /// <summary>The connection is gone, and with it whatever was not committed; or there never was one.</summary>
    public static bool IsConnectionLost(DbException exception) =>
        exception is ConnectionLostException
            or MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.None }
            or { InnerException: IOException or SocketException };
}

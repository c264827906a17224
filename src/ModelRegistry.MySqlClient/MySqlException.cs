using System.Data.Common;

namespace ModelRegistry.MySqlClient;

/// <summary>An error that the server reported, or the loss of the connection to it.</summary>
public sealed class MySqlException : DbException
{
    internal MySqlException(string message, int number, string sqlState, Exception? inner = null)
        : base(message, inner)
    {
        Number = number;
        SqlState = sqlState;
    }

    internal MySqlException(string message, Exception? inner = null)
        : this(message, 0, "08000", inner)
    {
    }

    /// <summary>The server's error number, such as 1062 for a duplicate key; 0 when the failure is not the server's answer.</summary>
    public int Number { get; }

    /// <summary>The five characters of the SQL standard's state.</summary>
    public override string SqlState { get; }

    public override int ErrorCode => Number;

    /// <summary>The same work may succeed when it is tried again: deadlock, lock wait, lost or refused connection, a cluster's conflict.</summary>
    public override bool IsTransient => IsConnectionLost || Number is
        1205 // lock wait timeout
        or 1213 // deadlock
        or 1040 or 1053 // too many connections; shutting down
        or 1047 // a Galera node that is not ready
        or 1927 or 4031 // connection killed (MariaDB); closed for being idle (MySQL)
        or 3101; // rolled back by group replication

    /// <summary>The connection is gone, and with it the transaction that was open on it.</summary>
    public bool IsConnectionLost => SqlState.StartsWith("08", StringComparison.Ordinal);
}

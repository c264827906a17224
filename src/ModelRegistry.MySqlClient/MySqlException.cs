using System.Data.Common;

namespace ModelRegistry.MySqlClient;

/// <summary>An error that the server reported, or the loss of the connection to it.</summary>
public sealed class MySqlException : DbException
{
    private const int LockWaitTimeout = 1205;
    private const int Deadlock = 1213;

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

    /// <summary>The same work may succeed when it is tried again: deadlock, lock wait, lost or refused connection.</summary>
    public override bool IsTransient => Number is LockWaitTimeout or Deadlock or ServerGone or TooManyConnections or ShuttingDown || IsConnectionLost;

    /// <summary>The connection is gone, and with it the transaction that was open on it.</summary>
    public bool IsConnectionLost => SqlState.StartsWith("08", StringComparison.Ordinal);

    private const int TooManyConnections = 1040;
    private const int ShuttingDown = 1053;
    private const int ServerGone = 2006;
}

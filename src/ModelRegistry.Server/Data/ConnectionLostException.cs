using System.Data;
using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>The connection broke while it was used. Drivers tell of that in several ways, not all of which are a <see cref="DbException"/>.</summary>
internal sealed class ConnectionLostException(Exception cause) : DbException("The connection to the database was lost.", cause)
{
    public override bool IsTransient => true;

    /// <summary>Whether <paramref name="exception"/> says in another way that <paramref name="connection"/> broke.</summary>
    public static bool IsMeant(Exception exception, DbConnection connection) =>
        connection.State == ConnectionState.Broken && exception is not (DbException or OperationCanceledException);
}

using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>What the transaction has read was changed by another one in spite of its lock, as can be on a cluster. The write is done again.</summary>
internal sealed class WriteConflictException(DbException cause) : DbException(cause.Message, cause)
{
    public override bool IsTransient => true;
}

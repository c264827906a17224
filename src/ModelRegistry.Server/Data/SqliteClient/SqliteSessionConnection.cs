using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>A connection that keeps its compiled statements while it is open.</summary>
internal abstract class SqliteSessionConnection(string connectionString) : SqliteConnection(connectionString)
{
    private StatementCache? statements;
    private SqliteSession? session;

    /// <summary>Of the open connection.</summary>
    public SqliteSession Session => session ??= new SqliteSession(Statements);

    private StatementCache Statements => statements ??= new StatementCache(Handle!);

    protected override DbCommand CreateDbCommand() => new SqliteSessionCommand(Statements) { Connection = this };

    protected override void Dispose(bool disposing)
    {
        statements?.Dispose();
        base.Dispose(disposing);
    }
}

using System.Data;
using System.Data.Common;
using SQLitePCL;

namespace ModelRegistry.Server.Data;

/// <summary>
/// A transaction whose BEGIN, savepoints and COMMIT stay prepared with their connection. Microsoft.Data.Sqlite's own compiles each of them anew, which
/// a write that shares its commit with others would pay for twice.
/// </summary>
internal sealed class SqliteWriteTransaction : DbTransaction
{
    private readonly PooledSqliteConnection connection;
    private bool isOver;

    /// <summary>Takes the lock for writing, and waits for it as long as <c>busy_timeout</c> says.</summary>
    public SqliteWriteTransaction(PooledSqliteConnection connection)
    {
        this.connection = connection;
        Execute("BEGIN IMMEDIATE");
    }

    public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    public override bool SupportsSavepoints => true;

    protected override DbConnection DbConnection => connection;

    public override void Commit()
    {
        Execute("COMMIT");
        isOver = true;
    }

    public override void Rollback()
    {
        isOver = true;

        // A full disk, among others, has SQLite roll back by itself.
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            Execute("ROLLBACK");
    }

    public override void Save(string savepointName) => Execute($"SAVEPOINT {savepointName}");

    public override void Rollback(string savepointName) => Execute($"ROLLBACK TO {savepointName}");

    public override void Release(string savepointName) => Execute($"RELEASE {savepointName}");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !isOver)
            Rollback();
        base.Dispose(disposing);
    }

    private void Execute(string sql)
    {
        using var command = connection.Take(sql);
        command.ExecuteNonQuery();
    }
}

using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data;

/// <summary>The SQLite dialect and how its connections are set up.</summary>
internal static class Sqlite
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ConstraintCheck = 275;
    private const int ConstraintForeignKey = 787;
    private const int ConstraintPrimaryKey = 1555;
    private const int ConstraintUnique = 2067;

    public static readonly SqlDialect Dialect = new()
    {
        Name = "SQLite",

        // A busy database has been waited for already, for as long as the connection's busy time-out says.
        MaxAttempts = 1,
        Schema = new SchemaDialect("sqlite", "SELECT name FROM sqlite_master WHERE type = 'table'", null, null, _ => false, null, _ => null),
        OnConflictUpdate = (key, columns) =>
            $"ON CONFLICT ({key}) DO UPDATE SET {string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"))}",
        OnConflictNothing = key => $"ON CONFLICT ({key}) DO NOTHING",
        TextEquals = (column, parameter) => $"{column} = {parameter}",
        Like = (column, parameter) => $"{column} LIKE {parameter}",
        ILike = (column, parameter) => $"lower({column}) LIKE lower({parameter})",
        Matches = (column, parameter) => $"{column} REGEXP {parameter}",
        MaxRowsPerInsert = 1,
        LastInsertId = "last_insert_rowid()",
        ForUpdate = "",
        JoinInOrder = "CROSS JOIN",
        ByIndex = _ => "",
        DeleteSome = (table, condition, count) =>
            string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {condition} LIMIT {count})"),
        IsUniqueViolation = e => ExtendedCode(e) is ConstraintPrimaryKey or ConstraintUnique,
        IsForeignKeyViolation = e => ExtendedCode(e) is ConstraintForeignKey,
        IsValueRefused = e => ExtendedCode(e) is ConstraintCheck,
        IsConflict = _ => false,
        IsTransient = e => e is SqliteException { SqliteErrorCode: Busy or Locked },
    };

    /// <summary>
    /// Opens the two sides of a database file: one writer, because SQLite has one, and readers that see the last commit (WAL) meanwhile.
    /// </summary>
    public static (SqliteDataSource Readers, SqliteDataSource Writer) Open(string path, int maxReaders) =>
        (new SqliteDataSource(path, maxReaders).Measured("sqlite.readers"), new SqliteDataSource(path, 1).Measured("sqlite.writer"));

    private static int ExtendedCode(DbException exception) => (exception as SqliteException)?.SqliteExtendedErrorCode ?? 0;
}

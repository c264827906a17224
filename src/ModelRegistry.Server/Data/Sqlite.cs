using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data;

/// <summary>The SQLite dialect and how its connections are set up.</summary>
internal static class Sqlite
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Interrupted = 9;
    private const int ConstraintCheck = 275;
    private const int ConstraintForeignKey = 787;
    private const int ConstraintPrimaryKey = 1555;
    private const int ConstraintUnique = 2067;

    // What MLflow's own server sets, plus WAL with a sync at each commit: an acknowledged write survives a power cut.
    private const string Setup =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA case_sensitive_like = ON;
        PRAGMA busy_timeout = 20000;
        """;

    // Histories of metrics are sorted in as much memory, and beyond it in files; SQLite's own 2 MiB hold some fifteen thousand points.
    private const string ReaderSetup = Setup + "PRAGMA cache_size = -16384;";

    // A batch of metrics changes a page of two indexes for each of its keys. With SQLite's own 2 MiB and 1000 pages these are read again for
    // every batch, and written twice: into the log, and at once from there into the file. And a write behind a savepoint keeps the pages that it
    // changes as they were: beyond 64 KiB, which a change of the registry takes with its records, SQLite writes them into a file.
    private const string WriterSetup =
        Setup + """
        PRAGMA cache_size = -32768;
        PRAGMA temp_store = MEMORY;
        PRAGMA wal_autocheckpoint = 10000;
        """;

    public static readonly SqlDialect Dialect = new()
    {
        Name = "SQLite",

        // A busy database has been waited for already, for as long as the connection's busy time-out says.
        MaxAttempts = 1,
        Schema = new SchemaDialect("sqlite", "SELECT name FROM sqlite_master WHERE type = 'table'", null, null, _ => false, null, _ => null),
        CreateCommand = (connection, sql) => ((PooledSqliteConnection)connection).Take(sql),
        HasOneWriter = true,
        NestsSavepoints = true,
        OnConflictUpdate = UpdateOnConflict,
        OnConflictAdvance = (key, columns, order) =>
            $"{UpdateOnConflict(key, columns)} WHERE ({string.Join(", ", order.Select(column => $"excluded.{column}"))})"
            + $" > ({string.Join(", ", order.Select(column => $"COALESCE({column}, 0)"))})",
        OnConflictNothing = key => $"ON CONFLICT ({key}) DO NOTHING",
        TextEquals = (column, parameter) => $"{column} = {parameter}",
        Like = (column, parameter) => $"{column} LIKE {parameter}",
        ILike = (column, parameter) => $"lower({column}) LIKE lower({parameter})",
        Matches = (column, parameter) => $"{column} REGEXP {parameter}",
        MaxRowsPerInsert = 1,
        LastInsertId = "last_insert_rowid()",
        ForUpdate = "",
        PlansJoins = false,
        JoinInOrder = "CROSS JOIN",
        ByIndex = _ => "",
        DeleteSome = (table, condition, count) =>
            string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {condition} LIMIT {count})"),
        IsUniqueViolation = e => ExtendedCode(e) is ConstraintPrimaryKey or ConstraintUnique,
        IsForeignKeyViolation = e => ExtendedCode(e) is ConstraintForeignKey,
        IsValueRefused = e => ExtendedCode(e) is ConstraintCheck,
        IsConflict = _ => false,
        IsInterrupted = e => e is SqliteException { SqliteErrorCode: Interrupted },
        IsTransient = e => e is SqliteException { SqliteErrorCode: Busy or Locked },
    };

    /// <summary>
    /// Opens the two sides of a database file: one writer, because SQLite has one, and readers that see the last commit (WAL) meanwhile.
    /// </summary>
    public static (SqliteDataSource Readers, SqliteDataSource Writer) Open(string path, int maxReaders) =>
        (new SqliteDataSource(path, maxReaders, ReaderSetup).Measured("sqlite.readers"), new SqliteDataSource(path, 1, WriterSetup).Measured("sqlite.writer"));

    private static string UpdateOnConflict(string key, string[] columns) =>
        $"ON CONFLICT ({key}) DO UPDATE SET {string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"))}";

    private static int ExtendedCode(DbException exception) => (exception as SqliteException)?.SqliteExtendedErrorCode ?? 0;
}

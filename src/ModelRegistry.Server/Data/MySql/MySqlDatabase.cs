using System.Data.Common;
using System.Globalization;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>How MySQL and MariaDB are spoken to.</summary>
internal static class MySqlDatabase
{
    private const int CannotDeleteParent = 1451;
    private const int CannotAddChild = 1452;
    private const int CannotDropMissing = 1091;
    private const int ClientIdle = 4031;
    private const int CommandTimedOut = -1;
    private const int ConnectionKilled = 1927;
    private const int ConstraintFailedMariaDb = 4025;
    private const int ConstraintFailedMySql = 3819;
    private const int DataTooLong = 1406;
    private const int Deadlock = 1213;
    private const int DuplicateEntry = 1062;
    private const int DuplicateKeyName = 1061;
    private const int IncorrectValue = 1366;
    private const int GroupReplicationConflict = 3101;
    private const int LockWaitTimeout = 1205;
    private const int NodeNotReady = 1047;
    private const int OutOfRange = 1264;
    private const int RegexRefused = 1139;
    private const int FirstRegexErrorMySql8 = 3684;
    private const int LastRegexErrorMySql8 = 3699;
    private const int RecordChanged = 1020;
    private const int ServerShutdown = 1053;
    private const int TooManyConnections = 1040;

    public static readonly SqlDialect Dialect = new()
    {
        Name = "MySQL",
        MaxAttempts = 10,
        Schema = new SchemaDialect(
            "mysql",
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
            "SELECT GET_LOCK('modelregistry.schema', 120)",
            "SELECT RELEASE_LOCK('modelregistry.schema')",
            e => MySqlErrors.NumberOf(e) is DuplicateKeyName or CannotDropMissing,
            """
            SELECT DISTINCT table_name AS name FROM information_schema.columns
            WHERE table_schema = DATABASE() AND table_name <> 'mr_schema' AND character_set_name <> 'utf8mb4'
            """,
            MySqlAdvice.Explain),
        CreateCommand = CreateCommand,
        HasOneWriter = false,
        NestsSavepoints = false,
        OnConflictUpdate = (_, columns) => $"ON DUPLICATE KEY UPDATE {string.Join(", ", columns.Select(column => $"{column} = VALUES({column})"))}",
        OnConflictAdvance = (_, columns, order) => AdvanceOnConflict(columns, order),
        OnConflictNothing = key => $"ON DUPLICATE KEY UPDATE {key.Split(',')[0]} = {key.Split(',')[0]}",

        // The first comparison finds the index, the second undoes the collation, which may ignore case.
        TextEquals = (column, parameter) => $"({column} = {parameter} AND BINARY {column} = {parameter})",
        Like = (column, parameter) => $"({column} LIKE {parameter} AND BINARY {column} LIKE {parameter})",
        ILike = (column, parameter) => $"LOWER({column}) LIKE LOWER({parameter})",
        Matches = (column, parameter) => $"BINARY {column} REGEXP BINARY {parameter}",

        // The widest table has 14 columns, and a statement 65,535 parameters.
        MaxRowsPerInsert = 1000,
        LastInsertId = "LAST_INSERT_ID()",
        ForUpdate = "FOR UPDATE",
        PlansJoins = true,
        JoinInOrder = "STRAIGHT_JOIN",
        ByIndex = index => $"FORCE INDEX ({index})",
        DeleteSome = (table, condition, count) => string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {table} WHERE {condition} LIMIT {count}"),
        IsUniqueViolation = e => MySqlErrors.NumberOf(e) is DuplicateEntry,
        IsForeignKeyViolation = e => MySqlErrors.NumberOf(e) is CannotAddChild or CannotDeleteParent,
        IsValueRefused = e => MySqlErrors.NumberOf(e) is DataTooLong or OutOfRange or IncorrectValue or ConstraintFailedMySql or ConstraintFailedMariaDb
            or RegexRefused or (>= FirstRegexErrorMySql8 and <= LastRegexErrorMySql8),
        IsConflict = e => e is WriteConflictException || MySqlErrors.NumberOf(e) is Deadlock or GroupReplicationConflict,
        IsInterrupted = _ => false,
        IsTransient = e => e.IsTransient || MySqlErrors.IsConnectionLost(e)
            || MySqlErrors.NumberOf(e) is Deadlock or LockWaitTimeout or RecordChanged or GroupReplicationConflict or NodeNotReady
                or ServerShutdown or TooManyConnections or ConnectionKilled or ClientIdle or CommandTimedOut,
    };

    /// <remarks>
    /// An assignment sees those before it. So what is compared comes last, and the first to be compared at the very end: one that is due is due
    /// by itself or by those behind it, whatever those before it have become.
    /// </remarks>
    private static string AdvanceOnConflict(string[] columns, string[] order)
    {
        var grows = $"({string.Join(", ", order.Select(column => $"VALUES({column})"))}) > ({string.Join(", ", order.Select(column => $"COALESCE({column}, 0)"))})";
        var assigned = columns.Except(order).Concat(order.Reverse());
        return $"ON DUPLICATE KEY UPDATE {string.Join(", ", assigned.Select(column => $"{column} = IF({grows}, VALUES({column}), {column})"))}";
    }

    private static DbCommand CreateCommand(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}

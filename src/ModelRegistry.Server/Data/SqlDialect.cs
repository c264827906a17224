using System.Data.Common;

namespace ModelRegistry.Server.Data;

/// <summary>
/// What differs between the databases we speak to; every other statement is written once. Identifiers are quoted with <c>"…"</c> everywhere.
/// </summary>
internal sealed record SqlDialect
{
    /// <summary>Name for messages: "SQLite", "MySQL".</summary>
    public required string Name { get; init; }

    /// <summary>How often a write is tried when it fails for a transient reason; its work must be repeatable.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>What the migrator needs to know.</summary>
    public required SchemaDialect Schema { get; init; }

    /// <summary>A command for a statement; where commands stay prepared with their connection, the one of the last time. Disposing gives it back.</summary>
    public required Func<DbConnection, string, DbCommand> CreateCommand { get; init; }

    /// <summary>There is one writer at a time: all writes share transactions, not only those of one row.</summary>
    public required bool HasOneWriter { get; init; }

    /// <summary>A savepoint stays beside a later one of its name, until it is released; elsewhere the later one takes its place.</summary>
    public required bool NestsSavepoints { get; init; }

    /// <summary>Tail that turns "INSERT …" into an upsert on a key (first argument, comma separated) that rewrites the named columns.</summary>
    public required Func<string, string[], string> OnConflictUpdate { get; init; }

    /// <summary>
    /// Like <see cref="OnConflictUpdate"/>, but for a row that is there only if some of the columns (third argument), numbers that are compared one
    /// after the other, grow.
    /// </summary>
    public required Func<string, string[], string[], string> OnConflictAdvance { get; init; }

    /// <summary>Tail that makes "INSERT …" keep the row that is there; the argument is the key, comma separated.</summary>
    public required Func<string, string> OnConflictNothing { get; init; }

    /// <summary>Case-sensitive equality of a text column and a parameter.</summary>
    public required Func<string, string, string> TextEquals { get; init; }

    /// <summary>Case-sensitive LIKE of a text column and a parameter, without an escape character, as MLflow's filters have it.</summary>
    public required Func<string, string, string> Like { get; init; }

    /// <summary>Case-insensitive LIKE of a text column and a parameter.</summary>
    public required Func<string, string, string> ILike { get; init; }

    /// <summary>Case-sensitive match of a text column with a regular expression that is a parameter.</summary>
    public required Func<string, string, string> Matches { get; init; }

    /// <summary>How many rows one INSERT adds at most: many where a statement is a round trip, one where it is none.</summary>
    public required int MaxRowsPerInsert { get; init; }

    /// <summary>Expression for the number the last INSERT of this connection generated.</summary>
    public required string LastInsertId { get; init; }

    /// <summary>Tail of a SELECT whose rows must not change before the transaction ends.</summary>
    public required string ForUpdate { get; init; }

    /// <summary>Whether a CROSS JOIN leaves it to the planner, which has statistics, where to begin.</summary>
    public required bool PlansJoins { get; init; }

    /// <summary>Join that reads its left side first.</summary>
    public required string JoinInOrder { get; init; }

    /// <summary>Behind a table: read it by this index, where the planner would take another; empty where it needs no telling.</summary>
    public required Func<string, string> ByIndex { get; init; }

    /// <summary>DELETE of at most so many rows of a table (first argument) that meet a condition (second argument).</summary>
    public required Func<string, string, int, string> DeleteSome { get; init; }

    /// <summary>A row with this key is there already.</summary>
    public required Func<DbException, bool> IsUniqueViolation { get; init; }

    /// <summary>A row that the statement refers to is not there.</summary>
    public required Func<DbException, bool> IsForeignKeyViolation { get; init; }

    /// <summary>A value does not fit its column: too long, out of range, against a CHECK.</summary>
    public required Func<DbException, bool> IsValueRefused { get; init; }

    /// <summary>Another transaction was first, and this one has changed nothing for certain, even if it was its COMMIT that failed so.</summary>
    public required Func<DbException, bool> IsConflict { get; init; }

    /// <summary>The statement was ended because its token was cancelled, and the driver does not say so by an <see cref="OperationCanceledException"/>.</summary>
    public required Func<DbException, bool> IsInterrupted { get; init; }

    /// <summary>The statement may succeed when tried again: lock time-out, deadlock, lost connection.</summary>
    public required Func<DbException, bool> IsTransient { get; init; }
}

/// <summary>What differs between databases when tables are made.</summary>
/// <param name="Folder">Folder of the scripts below <c>Data/Schema</c>.</param>
/// <param name="TableNames">Query for the names of the tables that are there.</param>
/// <param name="Lock">Statement that keeps other replicas from doing the same; null where the write's transaction does.</param>
/// <param name="Unlock">Statement that ends <paramref name="Lock"/>.</param>
/// <param name="IsAlreadyDefined">The statement makes what an interrupted start has made before, or drops what it has dropped.</param>
/// <param name="LossyTables">Query for the tables that cannot hold every character; null where all can.</param>
/// <param name="Explain">A sentence on a failure that the operator can mend; null when there is none better than the database's own.</param>
internal sealed record SchemaDialect(
    string Folder,
    string TableNames,
    string? Lock,
    string? Unlock,
    Func<DbException, bool> IsAlreadyDefined,
    string? LossyTables,
    Func<DbException, string?> Explain);

using System.Data.Common;
using ModelRegistry.Server.Data.MySql;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Data;

/// <summary>
/// What a database failure that no store understood means to a client. The text of the database stays in the log: it can hold SQL and values.
/// </summary>
internal static class DatabaseErrors
{
    private static readonly SqlDialect[] Dialects = [Sqlite.Dialect, MySqlDatabase.Dialect];

    public static ApiException? Translate(Exception exception)
    {
        if (exception is not DbException e)
            return null;
        if (Dialects.Any(dialect => dialect.IsTransient(e)))
            return new ApiException(ErrorCode.TemporarilyUnavailable, "The database is busy or cannot be reached. Try again.");
        if (Dialects.Any(dialect => dialect.IsForeignKeyViolation(e)))
            return ApiException.BadRequest("The request refers to something that does not exist.");
        if (Dialects.Any(dialect => dialect.IsUniqueViolation(e)))
            return ApiException.BadRequest("The request repeats something that exists already.");
        return Dialects.Any(dialect => dialect.IsValueRefused(e))
            ? ApiException.BadRequest("A value is longer than its column in the database, or not of the kind the column holds.")
            : null;
    }
}

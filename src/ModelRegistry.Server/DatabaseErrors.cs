using System.Data.Common;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server;

/// <summary>
/// What a database failure that no store understood means to a client. The text of the database stays in the log: it can hold SQL and values.
/// </summary>
internal static class DatabaseErrors
{
    public static ApiException? Translate(Exception exception) => exception switch
    {
        DbException e when Data.Sqlite.Dialect.IsTransient(e) =>
            new ApiException(ErrorCode.TemporarilyUnavailable, "The database is busy. Try again."),
        DbException e when Data.Sqlite.Dialect.IsForeignKeyViolation(e) =>
            ApiException.BadRequest("The request refers to something that does not exist."),
        DbException e when Data.Sqlite.Dialect.IsUniqueViolation(e) =>
            ApiException.BadRequest("The request repeats something that exists already."),
        _ => null,
    };
}

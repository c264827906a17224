using System.Data.Common;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>Runs statements on one connection without commands and parameters: values go from where they are into the compiled statement.</summary>
internal sealed class SqliteSession(StatementCache statements)
{
    /// <summary>The session of a connection of our pool; null for any other connection.</summary>
    public static SqliteSession? Of(DbConnection connection) => (connection as SqliteSessionConnection)?.Session;

    /// <summary>Runs a statement to its first row; the caller disposes of the reader.</summary>
    /// <returns>null when the text holds more than one statement.</returns>
    public SqliteSessionReader? Open(string sql, object? values)
    {
        if (Take(sql, values) is not { } statement)
            return null;
        try
        {
            return new SqliteSessionReader(statements, statement, statement.Step());
        }
        catch
        {
            statements.GiveBack(statement);
            throw;
        }
    }

    /// <returns>Number of rows the statement touched; null when the text holds more than one statement.</returns>
    public int? Execute(string sql, object? values)
    {
        if (Take(sql, values) is not { } statement)
            return null;
        try
        {
            return statement.Run();
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    /// <summary>Runs a statement, which is one, for each of <paramref name="rows"/>, whose values stand in the order of its parameters.</summary>
    /// <returns>Number of rows touched in all.</returns>
    public int ExecuteEach(string sql, IEnumerable<object?[]> rows)
    {
        var statement = statements.Take(sql)!;
        var touched = 0;
        try
        {
            foreach (var row in rows)
            {
                statement.Bind(row);
                touched += statement.Run();
                statement.Reset();
            }

            return touched;
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    private PreparedStatement? Take(string sql, object? values)
    {
        var properties = values is null or SqlParameters ? [] : ObjectProperties.Of(values.GetType());
        var named = values as SqlParameters ?? (Array.Exists(properties, property => property.IsList) ? SqlParameters.Of(values!, properties) : null);
        if (statements.Take(named is null ? sql : named.ExpandLists(sql)) is not { } statement)
            return null;
        try
        {
            if (named is not null)
                statement.Bind(named);
            else
                statement.Bind(values, properties);
            return statement;
        }
        catch
        {
            statements.GiveBack(statement);
            throw;
        }
    }
}

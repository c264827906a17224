using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ModelRegistry.Server.Data.SqliteClient;

/// <summary>
/// A command that keeps its compiled statement with the connection. Microsoft.Data.Sqlite compiles at each use, and looks parameters up by
/// name one by one; the rest of it, opening and functions and errors, is used as it is.
/// </summary>
internal sealed class SqliteSessionCommand(StatementCache statements) : SqliteCommand
{
    public override int ExecuteNonQuery()
    {
        if (statements.Take(CommandText) is not { } statement)
            return base.ExecuteNonQuery();
        try
        {
            statement.Bind(Parameters);
            return statement.Run();
        }
        finally
        {
            statements.GiveBack(statement);
        }
    }

    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(ExecuteNonQuery());
    }

    public override object? ExecuteScalar()
    {
        using var reader = ExecuteDbDataReader(CommandBehavior.Default);
        return reader.Read() ? reader.GetValue(0) : null;
    }

    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(ExecuteScalar());
    }

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
    {
        if (statements.Take(CommandText) is not { } statement)
            return base.ExecuteDbDataReader(behavior);
        try
        {
            statement.Bind(Parameters);
            return new SqliteSessionReader(statements, statement, statement.Step());
        }
        catch
        {
            statements.GiveBack(statement);
            throw;
        }
    }

    protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(ExecuteDbDataReader(behavior));
    }
}

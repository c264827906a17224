using System.Data.Common;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

/// <summary>One server for all tests that need a real one.</summary>
[CollectionDefinition(Name)]
public sealed class MariaDbGroup : ICollectionFixture<MariaDbFixture>
{
    public const string Name = "MariaDB";
}

public sealed class MariaDbFixture : IAsyncLifetime
{
    private MariaDbServer? server;

    internal MariaDbServer Server => server ?? throw new InvalidOperationException(MariaDbServer.SkipReason);

    public async Task InitializeAsync()
    {
        // Its tests are skipped one by one, and counted.
        if (MariaDbServer.SkipReason is not null)
            return;
        server = await MariaDbServer.StartAsync();
        await using var source = Driver.Create(server.ConnectionString);
        await using var command = source.CreateCommand("CREATE DATABASE test CHARACTER SET utf8mb4");
        await command.ExecuteNonQueryAsync();
    }

    public async Task DisposeAsync()
    {
        if (server is not null)
            await server.DisposeAsync();
    }
}

/// <summary>A data source over the database <c>test</c>, and what most tests do with it.</summary>
[Collection(MariaDbGroup.Name)]
public abstract class MariaDbTests(MariaDbFixture fixture) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource deadline = new(Deadline);
    private readonly List<DbDataSource> sources = [];

    internal MariaDbServer Server => fixture.Server;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Token => deadline.Token;

    protected string ConnectionString => $"{Server.ConnectionString};Database=test";

    protected DbDataSource Source => field ??= CreateSource();

    /// <param name="options">Options that replace or add to <see cref="ConnectionString"/>.</param>
    protected DbDataSource CreateSource(string options = "")
    {
        var source = Driver.Create($"{ConnectionString};{options}");
        sources.Add(source);
        return source;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in sources)
            await source.DisposeAsync();
        deadline.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] values)
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        return await ExecuteAsync(connection, sql, values);
    }

    protected async Task<int> ExecuteAsync(DbConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(Token);
    }

    protected async Task<object?> ScalarAsync(string sql, params (string Name, object? Value)[] values)
    {
        await using var connection = await Source.OpenConnectionAsync(Token);
        return await ScalarAsync(connection, sql, values);
    }

    protected async Task<object?> ScalarAsync(DbConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(Token);
    }

    protected static DbCommand Command(DbConnection connection, string sql, params (string Name, object? Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>The error number of what an action fails with.</summary>
    protected static async Task<int> ErrorOfAsync(Func<Task> action) => Driver.NumberOf(await Assert.ThrowsAnyAsync<DbException>(action));
}

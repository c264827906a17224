using System.Data.Common;
using Microsoft.Extensions.Logging;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

public sealed class SlowStatementTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly Recorded log = new();
    private Database database = null!;

    public Task InitializeAsync()
    {
        var (readers, writer) = Sqlite.Open(Path.Combine(folder.FullName, "a.db"), 1);
        database = new Database(readers, writer, Sqlite.Dialect);
        database.SlowStatements = new SlowStatements(TimeSpan.FromMilliseconds(40), Sqlite.Dialect, () => "request-7", log);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        database.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_streamed_is_measured_until_the_last_row_is_read()
    {
        var number = await ReadAsync(scope => scope.StreamAsync("SELECT  @n\n AS a", new { n = 5L }, ReadSlowlyAsync));

        Assert.Equal(5, number);
        Assert.Matches("^Slow statement: [0-9]{2,} ms in request request-7: SELECT @n AS a$", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task What_fails_late_while_it_is_streamed_is_told_too()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(scope => scope.StreamAsync<long>(
            "SELECT 1",
            null,
            async reader =>
            {
                await ReadSlowlyAsync(reader);
                throw new InvalidOperationException();
            })));

        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task None_is_told_of_where_only_traces_are_wanted()
    {
        database.SlowStatements = new SlowStatements(null, Sqlite.Dialect, () => null, log);

        Assert.Equal(5, await ReadAsync(scope => scope.StreamAsync("SELECT @n", new { n = 5L }, ReadSlowlyAsync)));
        Assert.Empty(log.Lines);
    }

    private Task<T> ReadAsync<T>(Func<SqlScope, Task<T>> work) => database.ReadAsync(work, CancellationToken.None);

    private static async Task<long> ReadSlowlyAsync(DbDataReader reader)
    {
        await reader.ReadAsync();
        await Task.Delay(60);
        return reader.GetInt64(0);
    }

    private sealed class Recorded : ILogger<SlowStatements>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}

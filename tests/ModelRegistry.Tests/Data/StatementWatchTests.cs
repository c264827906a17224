using System.Data.Common;
using Microsoft.Extensions.Logging;
using ModelRegistry.Server.Data;
using Xunit;

namespace ModelRegistry.Tests.Data;

public sealed class StatementWatchTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly Recorded log = new();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_streamed_is_measured_until_the_last_row_is_read()
    {
        var number = await ReadAsync(40, scope => scope.ReadAsync("SELECT  @n\n AS a", new { n = 5L }, ReadSlowlyAsync));

        Assert.Equal(5, number);
        Assert.Matches("^Slow statement: [0-9]{2,} ms in request request-7: SELECT @n AS a$", Assert.Single(log.Lines));
    }

    [Fact]
    public async Task What_fails_late_while_it_is_streamed_is_told_too()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(40, scope => scope.ReadAsync<long>(
            "SELECT 1",
            null,
            async (reader, token) =>
            {
                await ReadSlowlyAsync(reader, token);
                throw new InvalidOperationException();
            })));

        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task None_is_told_of_where_only_traces_are_wanted()
    {
        Assert.Equal(5, await ReadAsync(null, scope => scope.ReadAsync("SELECT @n", new { n = 5L }, ReadSlowlyAsync)));
        Assert.Empty(log.Lines);
    }

    /// <param name="limit">Milliseconds; null for no log.</param>
    private async Task<T> ReadAsync<T>(int? limit, Func<SqlScope, Task<T>> work)
    {
        var (readers, writer) = Sqlite.Open(Path.Combine(folder.FullName, "a.db"), 1);
        using var database = new Database(readers, writer, Sqlite.Dialect)
        {
            StatementWatch = new StatementWatch(limit is { } count ? TimeSpan.FromMilliseconds(count) : null, Sqlite.Dialect, () => "request-7", log),
        };
        return await database.ReadAsync(work, CancellationToken.None);
    }

    private static async Task<long> ReadSlowlyAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        await Task.Delay(60, cancellationToken);
        return reader.GetInt64(0);
    }

    private sealed class Recorded : ILogger<StatementWatch>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}

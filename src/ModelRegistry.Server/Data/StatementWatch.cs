using System.Diagnostics;

namespace ModelRegistry.Server.Data;

/// <summary>
/// Watches statements: logs those that take long, by their text, which has parameters in place of values, and how long they took; and makes each a
/// span of the trace of its request, if it is traced.
/// </summary>
/// <param name="limit">Shorter ones are not logged; null for none.</param>
/// <param name="dialect">Names the database in spans.</param>
/// <param name="requestId">Says which request is being served; null outside of requests.</param>
internal sealed partial class StatementWatch(TimeSpan? limit, SqlDialect dialect, Func<string?> requestId, ILogger<StatementWatch> logger)
{
    private const int MaxText = 2000;

    /// <summary>Runs a statement, and tells of it, also when it failed.</summary>
    public async Task<T> WatchAsync<TState, T>(string sql, TState state, Func<string, TState, Task<T>> run)
    {
        using var span = StatementSpans.Start(sql, dialect);
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await run(sql, state);
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", e.GetType().FullName);
            throw;
        }
        finally
        {
            var taken = Stopwatch.GetElapsedTime(start);
            if (taken >= limit)
                LogSlow((long)taken.TotalMilliseconds, requestId() ?? "-", OneLine(sql));
        }
    }

    private static string OneLine(string sql)
    {
        var line = string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxText ? line : line[..MaxText] + "…";
    }

    [LoggerMessage(70, LogLevel.Warning, "Slow statement: {Milliseconds} ms in request {StatementRequest}: {Statement}")]
    private partial void LogSlow(long milliseconds, string statementRequest, string statement);
}

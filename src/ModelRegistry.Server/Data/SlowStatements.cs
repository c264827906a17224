using System.Diagnostics;

namespace ModelRegistry.Server.Data;

/// <summary>Logs statements that take long: their text, which has parameters in place of values, and how long they took.</summary>
/// <param name="limit">Shorter ones are not told.</param>
/// <param name="requestId">Says which request is being served; null outside of requests.</param>
internal sealed partial class SlowStatements(TimeSpan limit, Func<string?> requestId, ILogger<SlowStatements> logger)
{
    private const int MaxText = 2000;

    /// <summary>Runs a statement, and tells of it if it was slow, also when it failed.</summary>
    public async Task<T> WatchAsync<T>(string sql, Func<Task<T>> run)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            return await run();
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

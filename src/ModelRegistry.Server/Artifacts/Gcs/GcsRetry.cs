using System.Net;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Which failures of Google Cloud Storage pass, and how long to wait for that.</summary>
/// <param name="first">Pause before the first repetition; each further one is twice as long.</param>
internal sealed class GcsRetry(TimeSpan first)
{
    /// <summary>Attempts without any progress until a call is given up: half a minute in all.</summary>
    public const int MaxAttempts = 6;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(32);
    private static readonly TimeSpan LongestByServer = TimeSpan.FromMinutes(2);

    public static bool IsTemporary(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    /// <summary>Whether the connection is to blame, or a call that took too long.</summary>
    public static bool IsTemporary(Exception exception) => exception is HttpRequestException or IOException or TimeoutException;

    /// <param name="attempt">Number of the attempt that has failed, from 1.</param>
    /// <param name="retryAfter">What the server asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(int attempt, TimeSpan? retryAfter, CancellationToken cancellationToken) =>
        Task.Delay(Pause(attempt, retryAfter), cancellationToken);

    /// <summary>A random half of the pause is left out, so that those who failed together do not come back together.</summary>
    public TimeSpan Pause(int attempt, TimeSpan? retryAfter)
    {
        var pause = first * Math.Pow(2, attempt - 1) * (0.5 + (Random.Shared.NextDouble() / 2));
        pause = pause < Longest ? pause : Longest;
        var asked = retryAfter is { } byServer && byServer < LongestByServer ? byServer : retryAfter is null ? TimeSpan.Zero : LongestByServer;
        return pause > asked ? pause : asked;
    }

    /// <summary>What the header <c>Retry-After</c> asks for, in either of its forms.</summary>
    public static TimeSpan? AskedBy(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - DateTimeOffset.UtcNow,
        _ => null,
    };
}

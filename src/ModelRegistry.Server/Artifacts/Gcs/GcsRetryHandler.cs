namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>
/// Repeats requests whose failure passes, and gives each attempt a time limit. It stands below the library, so that it does this for all calls alike:
/// the library itself does not repeat media calls at 408 and 429, repeats after broken connections without a pause, and does not read Retry-After.
/// </summary>
internal sealed class GcsRetryHandler(GcsRetry retry, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <summary>Marks a request that its sender repeats, if at all: a chunk goes on from where the server has come to.</summary>
    public static readonly HttpRequestOptionsKey<bool> Once = new("once");

    /// <summary>Until an answer begins; a request with a body takes as long as its chunk does.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeLimitWithBody = TimeSpan.FromMinutes(5);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var attempts = request.Options.TryGetValue(Once, out _) ? 1 : GcsRetry.MaxAttempts;
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? retryAfter = null;
            try
            {
                var response = await SendOnceAsync(request, cancellationToken);
                if (attempt == attempts || !GcsRetry.IsTemporary(response.StatusCode))
                    return response;
                retryAfter = GcsRetry.AskedBy(response);
                response.Dispose();
            }
            catch (Exception e) when (GcsRetry.IsTemporary(e) && attempt < attempts)
            {
                // The pause below is all that is done about it.
            }

            await retry.WaitAsync(attempt, retryAfter, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(request.Content is null ? TimeLimit : TimeLimitWithBody);
        try
        {
            return await base.SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("there was no answer in time", e);
        }
    }
}

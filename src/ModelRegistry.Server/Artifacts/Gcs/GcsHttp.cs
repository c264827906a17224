using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Requests to Google: connections, credentials, repetition, errors. One per process.</summary>
internal sealed class GcsHttp : IDisposable
{
    private const string PayingProject = "x-goog-user-project";

    /// <summary>Until an answer begins; a request with a body takes as long as its chunk does.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeLimitWithBody = TimeSpan.FromMinutes(5);

    private readonly GcsOptions options;
    private readonly HttpClient client;

    public GcsHttp(GcsOptions options)
    {
        (this.options, Credentials, Retry) = (options, new GcsCredentials(options), new GcsRetry(options.RetryDelay));
        var handler = new SocketsHttpHandler
        {
            // 308 is an answer in this protocol.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public GcsCredentials Credentials { get; }

    public GcsRetry Retry { get; }

    /// <summary>Sends a request, again and again while its failures pass.</summary>
    /// <param name="call">What it is about.</param>
    /// <param name="make">Makes the request anew; sending it twice has to be as good as once.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A success, or an answer that the call expects; its body has not been read.</returns>
    /// <exception cref="StoreException">Every other outcome.</exception>
    public async Task<HttpResponseMessage> SendAsync(GcsCall call, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var isRefreshed = false;
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? retryAfter = null;
            try
            {
                var response = await SendOnceAsync(make, cancellationToken);
                if (call.Accepts(response.StatusCode))
                    return response;
                using (response)
                {
                    var expired = response.StatusCode == HttpStatusCode.Unauthorized && !isRefreshed && !Credentials.IsAnonymous;
                    if (attempt == GcsRetry.MaxAttempts || !(expired || GcsRetry.IsTemporary(response.StatusCode)))
                        throw await FailureOfAsync(call, response, cancellationToken);
                    retryAfter = GcsRetry.AskedBy(response);
                    if (expired)
                    {
                        isRefreshed = true;
                        await Credentials.RefreshAsync(cancellationToken);
                        continue;
                    }
                }
            }
            catch (Exception e) when (GcsRetry.IsTemporary(e))
            {
                if (attempt == GcsRetry.MaxAttempts)
                    throw GcsErrors.Unreachable(options.EffectiveEndpoint, e);
            }

            await Retry.WaitAsync(attempt, retryAfter, cancellationToken);
        }
    }

    /// <summary>Sends a request and reads the JSON that comes back.</summary>
    /// <returns>null for an answer that the call expects and that is no success.</returns>
    public async Task<T?> ReadAsync<T>(GcsCall call, Func<HttpRequestMessage> make, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var response = await SendAsync(call, make, cancellationToken);
        if (!response.IsSuccessStatusCode)
            return null;
        return await ParseAsync(response, type, cancellationToken);
    }

    public static async Task<T> ParseAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
            ?? throw new StoreException("Google answered with an empty document.", isTemporary: true);
    }

    /// <summary>Sends a request one time.</summary>
    /// <exception cref="HttpRequestException">The connection failed.</exception>
    /// <exception cref="TimeoutException">Nothing came back.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var request = make();
        await AuthorizeAsync(request, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(request.Content is null ? TimeLimit : TimeLimitWithBody);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("there was no answer in time", e);
        }
    }

    public async Task<StoreException> FailureOfAsync(GcsCall call, HttpResponseMessage response, CancellationToken cancellationToken) =>
        GcsErrors.OfAnswer(call, response.StatusCode, await GcsErrors.MessageOfAsync(response, cancellationToken), Credentials.Principal);

    public void Dispose() => client.Dispose();

    private async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!Credentials.IsAnonymous)
        {
            var token = await Credentials.GetTokenAsync(request.RequestUri!.GetLeftPart(UriPartial.Authority), cancellationToken);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (options.UserProject is { } project)
            request.Headers.TryAddWithoutValidation(PayingProject, project);
    }
}

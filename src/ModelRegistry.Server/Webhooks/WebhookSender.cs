using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// Makes one signed call. The connection goes to the address that was checked, redirects are not followed, proxies are not asked, and the
/// answer's body is not read.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly WebhookTargets targets;
    private readonly WebhookSecrets secrets;
    private readonly TimeProvider time;
    private readonly TimeSpan timeout;
    private readonly HttpClient client;

    public WebhookSender(WebhookTargets targets, WebhookSecrets secrets, ServerOptions options, TimeProvider time)
    {
        (this.targets, this.secrets, this.time, timeout) = (targets, secrets, time, options.Webhooks.Timeout);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseDrainSize = 0,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            ConnectCallback = ConnectAsync,
        };
        client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <param name="secret">Encrypted, as it is stored.</param>
    /// <param name="attempt">From 1 on; repeated ones say so in a header.</param>
    public async Task<SendResult> SendAsync(
        string url, string? secret, string deliveryId, string payload, int attempt, CancellationToken cancellationToken)
    {
        if (!secrets.TryDecrypt(secret, out var key))
            return SendResult.Failed($"The secret of the webhook cannot be read with the key in {WebhookSecrets.Variable}.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            targets.CheckForm(url);
            using var request = Request(url, key, deliveryId, payload, attempt);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return Read(response);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendResult.Failed(string.Create(CultureInfo.InvariantCulture, $"No answer within {timeout.TotalSeconds:0.###} s."));
        }
        catch (Exception e) when (Explain(e) is { } reason)
        {
            return SendResult.Failed(reason);
        }
    }

    /// <summary>MLflow's signature: base64 of HMAC-SHA256 over "id.timestamp.body".</summary>
    public static string Sign(string secret, string deliveryId, string timestamp, string payload) =>
        "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{deliveryId}.{timestamp}.{payload}")));

    public void Dispose() => client.Dispose();

    private HttpRequestMessage Request(string url, string? secret, string deliveryId, string payload, int attempt)
    {
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(payload));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var uri = new Uri(url);
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
        if (uri.UserInfo != "")
        {
            var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(uri.UserInfo)));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", credentials);
        }

        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("ModelRegistry", null));
        request.Headers.Add("X-MLflow-Delivery-Id", deliveryId);
        request.Headers.Add("X-MLflow-Timestamp", timestamp);
        if (!string.IsNullOrEmpty(secret))
            request.Headers.Add("X-MLflow-Signature", Sign(secret, deliveryId, timestamp, payload));
        if (attempt > 1)
            request.Headers.Add("X-ModelRegistry-Attempt", attempt.ToString(CultureInfo.InvariantCulture));
        return request;
    }

    private SendResult Read(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return status switch
        {
            >= 200 and < 300 => new SendResult(status, null, true, null),
            >= 300 and < 400 => new SendResult(status, $"The receiver answered {status}; redirects are not followed.", false, null),
            408 or 425 or 429 or >= 500 => new SendResult(status, $"The receiver answered {status}.", true, wait),
            _ => new SendResult(status, $"The receiver answered {status}.", false, null),
        };
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await targets.ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>One sentence for what can go wrong on the way; null for what cannot, which is a defect of ours.</summary>
    private static string? Explain(Exception exception) => exception switch
    {
        ApiException refused => refused.Message,
        HttpRequestException { InnerException: ApiException refused } => refused.Message,
        HttpRequestException { InnerException: SocketException socket } => $"Connection failed: {socket.SocketErrorCode}.",
        HttpRequestException { InnerException: AuthenticationException tls } => $"TLS failed: {tls.Message}",
        HttpRequestException other => $"The call failed: {other.HttpRequestError}.",
        IOException => "The connection broke.",
        _ => null,
    };
}

/// <summary>What became of one call.</summary>
/// <param name="Status">HTTP status; null when there was no answer.</param>
/// <param name="Error">Null when it was delivered.</param>
/// <param name="CanRetry">Whether the same call may succeed later.</param>
/// <param name="RetryAfter">How long the receiver asks to be left alone.</param>
internal sealed record SendResult(int? Status, string? Error, bool CanRetry, TimeSpan? RetryAfter)
{
    public bool IsSuccess => Error is null;

    public static SendResult Failed(string error) => new(null, error, true, null);
}

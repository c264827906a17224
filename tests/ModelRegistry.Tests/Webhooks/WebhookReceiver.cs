using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>A receiver of webhooks on this machine that keeps what it gets, answered or not.</summary>
internal sealed class WebhookReceiver : IDisposable
{
    private readonly ConcurrentQueue<ReceivedDelivery> received = new();
    private readonly CancellationTokenSource closing = new();
    private readonly Func<ReceivedDelivery, ResponseMessage> answer;
    private readonly Func<bool> hangs;
    private readonly WireMockServer server;

    private WebhookReceiver(Func<ReceivedDelivery, ResponseMessage> answer, Func<bool> hangs, X509Certificate2? certificate)
    {
        (this.answer, this.hangs) = (answer, hangs);
        server = Mock.Start(certificate);
        server.Given(Request.Create()).RespondWith(Response.Create().WithCallback(AnswerAsync));
        Url = certificate is null ? $"http://127.0.0.1:{server.Port}/hook" : $"https://localhost:{server.Port}/hook";
    }

    public string Url { get; }

    public IReadOnlyList<ReceivedDelivery> Received => [.. received];

    /// <param name="answer">200 without a body when not given.</param>
    /// <param name="hangs">Whether a call that comes now is never answered.</param>
    /// <param name="certificate">One for <c>localhost</c>; plain HTTP without it.</param>
    public static WebhookReceiver Start(
        Func<ReceivedDelivery, ResponseMessage>? answer = null, Func<bool>? hangs = null, X509Certificate2? certificate = null) =>
        new(answer ?? (_ => new ResponseMessage { StatusCode = 200 }), hangs ?? (() => false), certificate);

    public static WebhookReceiver Start(Func<ReceivedDelivery, int> status) => Start(delivery => new ResponseMessage { StatusCode = status(delivery) });

    /// <summary>Waits for a number of calls, repeated ones included.</summary>
    public async Task<IReadOnlyList<ReceivedDelivery>> WaitAsync(int count)
    {
        await Wait.UntilAsync(() => received.Count >= count, () => $"{received.Count} of {count} calls came.");
        return Received;
    }

    public void Dispose()
    {
        closing.Cancel();
        server.Dispose();
        closing.Dispose();
    }

    private async Task<IResponseMessage> AnswerAsync(IRequestMessage request)
    {
        var headers = request.Headers!.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var delivery = new ReceivedDelivery(request.Method, request.Path, headers, request.Body ?? "");
        received.Enqueue(delivery);
        if (hangs())
            await Task.Delay(Timeout.Infinite, closing.Token);
        return answer(delivery);
    }
}

internal sealed record ReceivedDelivery(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["X-MLflow-Delivery-Id"];

    public int Attempt => Headers.TryGetValue("X-ModelRegistry-Attempt", out var number) ? int.Parse(number, CultureInfo.InvariantCulture) : 1;

    public JsonNode Json => JsonNode.Parse(Body)!;

    public string Event => $"{Json["entity"]}.{Json["action"]}";

    public string? Model => (string?)Json["data"]!["name"];
}

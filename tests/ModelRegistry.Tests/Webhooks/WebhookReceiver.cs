using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>A receiver of webhooks on this machine that keeps what it gets.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<ReceivedDelivery> received = new();
    private readonly WebApplication app;

    private WebhookReceiver(Func<ReceivedDelivery, HttpContext, Task> answer, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            if (certificate is not null)
                endpoint.UseHttps(certificate);
        }));
        app = builder.Build();
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var headers = http.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var delivery = new ReceivedDelivery(http.Request.Method, http.Request.Path, headers, await reader.ReadToEndAsync());
            received.Enqueue(delivery);
            await answer(delivery, http);
        });
    }

    public string Url { get; private set; } = "";

    public IReadOnlyList<ReceivedDelivery> Received => [.. received];

    /// <param name="answer">Sets the status of the answer; 200 when it does nothing.</param>
    /// <param name="certificate">One for <c>localhost</c>; plain HTTP without it.</param>
    public static async Task<WebhookReceiver> StartAsync(Func<ReceivedDelivery, HttpContext, Task>? answer = null, X509Certificate2? certificate = null)
    {
        var receiver = new WebhookReceiver(answer ?? ((_, _) => Task.CompletedTask), certificate);
        await receiver.app.StartAsync();
        var port = new Uri(receiver.app.Urls.First()).Port;
        receiver.Url = certificate is null ? $"http://127.0.0.1:{port}/hook" : $"https://localhost:{port}/hook";
        return receiver;
    }

    public static Task<WebhookReceiver> StartAsync(Func<ReceivedDelivery, int> status) =>
        StartAsync((delivery, http) =>
        {
            http.Response.StatusCode = status(delivery);
            return Task.CompletedTask;
        });

    /// <summary>Waits for a number of calls, repeated ones included.</summary>
    public async Task<IReadOnlyList<ReceivedDelivery>> WaitAsync(int count)
    {
        await WaitUntilAsync(() => Task.FromResult(received.Count >= count), () => $"{received.Count} of {count} calls came.");
        return Received;
    }

    public static async Task WaitUntilAsync(Func<Task<bool>> isDone, Func<string> state)
    {
        var end = DateTime.UtcNow + TimeLimit;
        while (!await isDone())
        {
            Assert.True(DateTime.UtcNow < end, state());
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
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

using System.Data.Common;
using System.Text.Json;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Observability;

/// <summary>
/// <c>GET /health/live</c>: the process answers. <c>GET /health/ready</c>: it can serve, because the databases and the artifact store answer and
/// nobody has told it to stop. The checks are made once a second at most, however many ask.
/// </summary>
internal sealed class Readiness(Databases stores, ArtifactStores artifacts, ServerOptions options, IHostApplicationLifetime lifetime, TimeProvider time) : IDisposable
{
    private const string Ok = "ok";
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(3);
    private static readonly string[] Get = ["GET", "HEAD"];
    private static readonly ArtifactPath Nothing = ArtifactPath.OfKey("health-check-of-a-file-that-is-not-there");

    private readonly SemaphoreSlim checking = new(1);
    private (DateTimeOffset Until, IReadOnlyList<(string Name, string State)> Checks) last;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Get, LiveAsync).AllowAnybody()
            .WithMetadata(ServedAlways.Mark, CallShape.Of(LiveAsync) with { ResponseMedia = CallShape.Html });
        routes.MapMethods("/health/ready", Get, AnswerAsync).AllowAnybody().WithMetadata(ServedAlways.Mark, CallShape.Of(AnswerAsync));
    }

    /// <summary>Answers OK while the process runs.</summary>
    private static Task LiveAsync(HttpContext http) => HtmlPages.WriteAsync(http, 200, "OK");

    public void Dispose() => checking.Dispose();

    /// <summary>Says whether databases and artifact store can be reached; 503 when one cannot, or when the server is stopping.</summary>
    private async Task AnswerAsync(HttpContext http)
    {
        var checks = lifetime.ApplicationStopping.IsCancellationRequested ? [("server", "is stopping")] : await CheckAsync(http.RequestAborted);
        var isReady = checks.All(check => check.State == Ok);
        http.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(http.Request.Method))
            return;
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", isReady ? "ready" : "not ready");
        foreach (var (name, state) in checks)
            json.WriteString(name, state);
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }

    private async Task<IReadOnlyList<(string Name, string State)>> CheckAsync(CancellationToken cancellationToken)
    {
        await checking.WaitAsync(cancellationToken);
        try
        {
            if (last.Until <= time.GetUtcNow())
            {
                // Not cancelled with the probe that asked first: others wait for the same answer.
                var checks = await Task.WhenAll(Checks().Select(async check => (check.Name, await TryAsync(check.Run))));
                last = (time.GetUtcNow() + Freshness, checks);
            }

            return last.Checks;
        }
        finally
        {
            checking.Release();
        }
    }

    private IEnumerable<(string Name, Func<CancellationToken, Task<string>> Run)> Checks()
    {
        if (!options.ArtifactsOnly)
        {
            yield return ("database", token => AskAsync(stores.Tracking, token));
            if (!stores.AreOne)
                yield return ("registry", token => AskAsync(stores.Registry, token));
        }

        if (options.ServeArtifacts)
            yield return ("artifacts", AskStoreAsync);
    }

    private static async Task<string> TryAsync(Func<CancellationToken, Task<string>> check)
    {
        using var patience = new CancellationTokenSource(TimeLimit);
        try
        {
            return await check(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return $"does not answer within {TimeLimit.TotalSeconds} seconds";
        }
        catch (DbException)
        {
            return "does not answer";
        }
        catch (Exception e) when (e is StoreException or ApiException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static async Task<string> AskAsync(Database database, CancellationToken cancellationToken)
    {
        await database.ReadAsync(scope => scope.FindAsync<long>("SELECT 1"), cancellationToken);
        return Ok;
    }

    private async Task<string> AskStoreAsync(CancellationToken cancellationToken)
    {
        if (artifacts.Destination.Store is LocalBlobStore)
            return Directory.Exists(ArtifactFolder.Of(options.ArtifactsDestination)) ? Ok : "the folder is not there";
        await using var blob = await artifacts.Destination.Store.OpenAsync(Nothing, cancellationToken);
        return Ok;
    }
}

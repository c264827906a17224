using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace ModelRegistry.GcsServer;

/// <summary>Google Cloud Storage (JSON and XML API), its token endpoint and IAM's signing, on a free port of 127.0.0.1. Objects are files of a temporary folder.</summary>
internal sealed class GcsServer : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-gcs-");
    private readonly ConcurrentDictionary<string, GcsBucketState> buckets = new();
    private readonly ConcurrentQueue<GcsRequest> log = new();
    private readonly WebApplication app;
    private readonly GcsUploadApi uploads;
    private readonly GcsJsonApi json;
    private readonly GcsXmlApi xml;

    private GcsServer(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}").ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        app = builder.Build();
        app.Run(HandleAsync);
        Accounts = new GcsAccounts(this);
        (json, uploads, xml) = (new GcsJsonApi(this), new GcsUploadApi(this), new GcsXmlApi(this));
    }

    public string Url { get; private set; } = "";

    public GcsAccounts Accounts { get; }

    public GcsFaults Faults { get; } = new();

    /// <summary>What was asked for so far, in order.</summary>
    public IReadOnlyCollection<GcsRequest> Log => log;

    /// <summary>Entries of a page at the most.</summary>
    public int PageLimit { get; set; } = 1000;

    /// <summary>Let everybody in, as an emulator does.</summary>
    public bool IsOpen { get; set; }

    public static async Task<GcsServer> StartAsync(int port = 0)
    {
        var server = new GcsServer(port);
        await server.app.StartAsync();
        server.Url = server.app.Urls.First();
        return server;
    }

    public GcsBucketState AddBucket(string name, bool requesterPays = false) =>
        buckets.GetOrAdd(name, _ => new GcsBucketState(name, requesterPays));

    public GcsBucketState? FindBucket(string name) => buckets.GetValueOrDefault(name);

    /// <summary>Uploads in chunks to a bucket that were begun and neither finished nor cancelled.</summary>
    public int OpenSessions(GcsBucketState bucket) => uploads.Open(bucket);

    public string NewFile() => Path.Combine(folder.FullName, Guid.NewGuid().ToString("n"));

    /// <summary>Ends it at once, whatever it is doing.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await app.StopAsync(now.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await app.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task HandleAsync(HttpContext http)
    {
        var request = new GcsRequest(http, Faults);
        log.Enqueue(request);
        try
        {
            if (await request.FailAsync())
                return;
            if (request.Segments is ["token"] or ["sts"] or ["v1", "projects", ..] || request.Path.StartsWith("/computeMetadata", StringComparison.Ordinal) || request.Path == "/")
                await Accounts.HandleAsync(request);
            else if (request.Segments is ["upload", ..])
                await uploads.HandleAsync(request);
            else if (request.Segments is ["storage", "v1", ..])
                await json.HandleAsync(request);
            else
                await xml.HandleAsync(request);
        }
        catch (GcsException e)
        {
            await (request.Segments is ["storage" or "upload" or "v1", ..] ? e.WriteJsonAsync(http.Response) : e.WriteXmlAsync(http.Response));
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            // The client has hung up.
            http.Abort();
        }
    }
}

/// <summary>An error that is answered in the form of the API that was called.</summary>
internal sealed class GcsException(int status, string code, string message) : Exception(message)
{
    public static GcsException NoSuchBucket() => new(404, "NoSuchBucket", "The specified bucket does not exist.");

    public static GcsException NoSuchObject(string bucket, string key) => new(404, "NoSuchKey", $"No such object: {bucket}/{key}");

    public Task WriteJsonAsync(HttpResponse response)
    {
        response.StatusCode = status;
        return response.WriteAsJsonAsync(new
        {
            error = new { code = status, message = Message, errors = new[] { new { message = Message, domain = "global", reason = code } } },
        });
    }

    public Task WriteXmlAsync(HttpResponse response)
    {
        response.StatusCode = status;
        response.ContentType = "application/xml; charset=UTF-8";
        return response.WriteAsync(
            $"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>{System.Security.SecurityElement.Escape(Message)}</Message></Error>");
    }
}

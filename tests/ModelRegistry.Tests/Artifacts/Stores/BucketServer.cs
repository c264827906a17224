using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A server process whose artifacts are in a bucket, for the tests of one class; nothing where the store cannot run.</summary>
public abstract class BucketServer : IAsyncLifetime
{
    private StorePlace? place;
    private ServerProcess? server;

    internal StorePlace Place => place!;

    internal ServerProcess Server => server!;

    internal HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(10) };

    protected virtual bool CanRun => StorePeer.SkipReason is null;

    protected virtual IReadOnlyList<string> Arguments => [];

    public async Task InitializeAsync()
    {
        if (!CanRun)
            return;
        place = await OpenAsync();
        server = await ServerProcess.StartAsync(new ServerProcessOptions
        {
            ArtifactsDestination = place.Destination, Environment = place.Environment, Arguments = Arguments,
        });
        Client.BaseAddress = server.Url;
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        if (place is not null)
            await place.DisposeAsync();
    }

    private protected abstract Task<StorePlace> OpenAsync();

    /// <summary>Calls the API; a path without a slash is one of <c>/api/2.0/mlflow</c>.</summary>
    internal async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}");
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType());
        using var answer = await Client.SendAsync(request);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Begins an upload in parts past the server and sends its first part.</summary>
    /// <returns>The answer of <c>mpu/create</c>, and the part as <c>mpu/complete</c> takes it.</returns>
    internal async Task<(JsonNode Upload, object Part)> BeginUploadAsync(string folder, string name, byte[] part, int parts = 1)
    {
        var created = await SendAsync(HttpMethod.Post, $"{DirectPaths.Mpu}/create/{folder}", new { path = name, num_parts = parts });
        Assert.True(created.Status == 200, created.Text);
        var place = created.Json["credentials"]![0]!;
        using var content = new ByteArrayContent(part);
        using var request = new HttpRequestMessage(HttpMethod.Put, (string)place["url"]!) { Content = content };
        foreach (var (header, value) in place["headers"]?.AsObject() ?? [])
            _ = request.Headers.TryAddWithoutValidation(header, (string)value!) || content.Headers.TryAddWithoutValidation(header, (string)value!);
        using var sent = await Client.SendAsync(request);
        Assert.True(sent.IsSuccessStatusCode, await sent.Content.ReadAsStringAsync());
        return (created.Json, new { part_number = 1, etag = sent.Headers.ETag?.ToString() ?? "", url = (string)place["url"]! });
    }

    internal Task<Answer> FinishUploadAsync(string call, string folder, string name, JsonNode upload, params object[] parts) =>
        SendAsync(HttpMethod.Post, $"{DirectPaths.Mpu}/{call}/{folder}", new { path = name, upload_id = (string?)upload["upload_id"], parts });
}

/// <summary>Calls that move files past the server.</summary>
internal static class DirectPaths
{
    public const string Mpu = "/api/2.0/mlflow-artifacts/mpu";
    public const string Presigned = "/api/2.0/mlflow-artifacts/presigned";
}

public class GcsBucketServer : BucketServer
{
    protected override bool CanRun => true;

    private protected override Task<StorePlace> OpenAsync() => StorePlace.GcsAsync();
}

public class S3BucketServer : BucketServer
{
    private protected override Task<StorePlace> OpenAsync() => StorePlace.S3Async();
}

public class AzureBucketServer : BucketServer
{
    private protected override Task<StorePlace> OpenAsync() => StorePlace.AzureAsync();
}

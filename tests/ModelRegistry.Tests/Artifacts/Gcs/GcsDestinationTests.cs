using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ModelRegistry.GcsServer;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>The whole server with a bucket behind it.</summary>
[Trait("Database", "SQLite")]
public sealed class GcsDestinationTests(GcsFixture gcs) : IClassFixture<GcsFixture>
{
    private const string Proxy = ArtifactServer.Proxy;

    private readonly GcsBucketState bucket = gcs.NewBucket();

    [Fact]
    public async Task Files_go_through_the_proxy_into_the_bucket_and_back()
    {
        await using var server = await StartAsync();

        Assert.Equal("{}", await PutAsync(server, "1/abc/artifacts/d/a%20b%252Bé.txt", "hello"));
        Assert.Equal("{}", await PutAsync(server, "1/abc/artifacts/model.bin", new string('x', 9 << 20)));

        Assert.Equal(["pre/fix/1/abc/artifacts/d/a b+é.txt", "pre/fix/1/abc/artifacts/model.bin"], bucket.Under("").Select(file => file.Key));
        using var download = await server.Client.GetAsync($"{Proxy}/1/abc/artifacts/d/a%20b%252Bé.txt");
        Assert.Equal("hello", await download.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", download.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            """{"files":[{"path":"d","is_dir":true},{"path":"model.bin","is_dir":false,"file_size":9437184}]}""",
            (await server.GetAsync($"{Proxy}?path=1/abc/artifacts")).Text);
        using var deleted = await server.Client.DeleteAsync($"{Proxy}/1/abc/artifacts");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(0, bucket.Count);
        Assert.Equal(404, (await server.GetAsync($"{Proxy}/1/abc/artifacts/model.bin")).Status);
    }

    [Fact]
    public async Task Artifacts_of_a_run_are_read_from_the_bucket_that_its_location_names()
    {
        await using var server = await StartAsync();
        var other = gcs.NewBucket();
        await gcs.Open(other, "runs/7").WriteAsync("d/x.txt", "0123456789");
        var experiment = await CallAsync(server, "experiments/create", $$"""{"name": "e", "artifact_location": "gs://{{other.Name}}/runs"}""");
        var run = await CallAsync(server, "runs/create", $$"""{"experiment_id": "{{experiment["experiment_id"]}}"}""");
        var (id, uri) = ((string)run["run"]!["info"]!["run_id"]!, (string)run["run"]!["info"]!["artifact_uri"]!);
        Assert.Equal($"gs://{other.Name}/runs/{id}/artifacts", uri);
        await gcs.Open(other, $"runs/{id}/artifacts").WriteAsync("d/x.txt", "0123456789");

        var listing = JsonNode.Parse((await server.GetAsync($"/api/2.0/mlflow/artifacts/list?run_id={id}&path=d")).Text)!;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/get-artifact?run_id={id}&path=d/x.txt") { Headers = { { "Range", "bytes=2-4" } } };
        using var part = await server.Client.SendAsync(request);

        Assert.Equal((uri, "d/x.txt", 10), ((string)listing["root_uri"]!, (string)listing["files"]![0]!["path"]!, (int)listing["files"]![0]!["file_size"]!));
        Assert.Equal((HttpStatusCode.PartialContent, "234"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
        Assert.Equal("bytes 2-4/10", part.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(20 << 20)]
    public async Task A_client_that_hangs_up_leaves_nothing_in_the_bucket(int sent)
    {
        await using var server = await StartAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"PUT {Proxy}/broken/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"));
            await client.GetStream().WriteAsync(new byte[sent]);
            if (sent > 8 << 20)
                await Wait.UntilAsync(() => gcs.Server.OpenSessions(bucket) == 1, () => "No upload was begun.");
        }

        await Wait.UntilAsync(() => gcs.Server.OpenSessions(bucket) == 0, () => "It is not cleared up.");
        Assert.Equal(0, bucket.Count);
        Assert.Equal("{}", (await server.GetAsync($"{Proxy}?path=broken")).Text);
    }

    [Fact]
    public async Task A_damaged_download_is_broken_off()
    {
        await using var server = await StartAsync();
        await PutAsync(server, "x", new string('x', 3 << 20));
        gcs.Server.Faults.Inject($"GET {bucket.Name}/o/pre%2Ffix%2Fx alt=media", new GcsFault { CorruptDownloadAt = 1000 });

        using var download = await server.Client.GetAsync($"{Proxy}/x", HttpCompletionOption.ResponseHeadersRead);

        await Assert.ThrowsAsync<HttpRequestException>(() => download.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_missing_permission_is_told_to_the_client()
    {
        var store = new GcsFixture();
        await store.InitializeAsync();
        await using var server = await StartAsync(store);
        store.Server.Accounts.Denied["storage.objects.create"] = true;

        using var answer = await server.Client.PutAsync($"{Proxy}/x", new StringContent("x"));

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("Grant storage.objects.create and storage.objects.delete to registry@", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_dies_during_an_upload_is_an_error_that_may_be_repeated()
    {
        var store = new GcsFixture();
        await store.InitializeAsync();
        await using var server = await StartAsync(store);
        var (started, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var content = new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[9 << 20]);
            await stream.FlushAsync();
            started.SetResult();
            await go.Task;
            await stream.WriteAsync(new byte[9 << 20]);
        });

        var uploading = server.Client.PutAsync($"{Proxy}/x", content);
        await started.Task;
        await Wait.UntilAsync(() => store.Server.OpenSessions(store.Server.AddBucket(bucket.Name)) == 1, () => "No upload was begun.");
        await store.Server.KillAsync();
        go.SetResult();
        using var answer = await uploading;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("Google Cloud Storage cannot be reached at http://127.0.0.1:", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_dies_during_a_download_breaks_it_off()
    {
        var store = new GcsFixture();
        await store.InitializeAsync();
        await using var server = await StartAsync(store);
        await PutAsync(server, "x", new string('x', 64 << 20));

        using var download = await server.Client.GetAsync($"{Proxy}/x", HttpCompletionOption.ResponseHeadersRead);
        await store.Server.KillAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => download.Content.CopyToAsync(Stream.Null));
        using var next = await server.Client.GetAsync($"{Proxy}/x");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, next.StatusCode);
        await store.DisposeAsync();
    }

    private async Task<StartedServer> StartAsync(GcsFixture? store = null)
    {
        (store ?? gcs).Server.AddBucket(bucket.Name);
        return await StartedServer.StartAsync(options => options with { ArtifactsDestination = $"gs://{bucket.Name}/pre/fix/", Gcs = (store ?? gcs).Options });
    }

    private static async Task<string> PutAsync(StartedServer server, string path, string text)
    {
        using var content = new StringContent(text);
        using var answer = await server.Client.PutAsync($"{Proxy}/{path}", content);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<JsonNode> CallAsync(StartedServer server, string call, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await server.Client.PostAsync($"/api/2.0/mlflow/{call}", content);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Artifacts;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A whole server process whose artifacts are in a bucket.</summary>
public abstract class StoreServerTests(ITestOutputHelper log) : IAsyncLifetime
{
    private const string Proxy = ArtifactServer.Proxy;
    private const string Api = "/api/2.0/mlflow";
    /// <summary>Bytes; mebibytes, not megabytes.</summary>
    private const long MaxMemory = 200L << 20;
    private const int LargeFiles = 2;
    private const int Transfers = 64;

    /// <summary>More than the server has buffers for parts.</summary>
    private const int SlowClients = 6;

    /// <summary>Mebibytes of a large file.</summary>
    private static readonly long LargeSize = long.Parse(
        Environment.GetEnvironmentVariable("MODELREGISTRY_TEST_TRANSFER_MIB") is { Length: > 0 } mib ? mib : "512", CultureInfo.InvariantCulture) << 20;

    private ServerProcess server = null!;
    private HttpClient Client { get; set; } = null!;

    /// <summary>The store as the test sees it, past the server: what is below <see cref="Destination"/>.</summary>
    private protected abstract IBlobStore Store { get; }

    /// <summary>As <c>--artifacts-destination</c> takes it.</summary>
    protected abstract string Destination { get; }

    public async Task InitializeAsync()
    {
        var environment = await OpenAsync();
        server = await ServerProcess.StartAsync(new ServerProcessOptions { ArtifactsDestination = Destination, Environment = environment });
        Client = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(30) };
    }

    public virtual async Task DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
    }

    [StoreFact]
    public async Task Files_pass_through_the_proxy_into_the_bucket_and_back()
    {
        await PutAsync("1/r/artifacts/model/MLmodel", "flavors: {}");
        await PutAsync("1/r/artifacts/model/a%20b%2Bc%252520%26d%3D%C3%A9.txt", "odd");
        await PutAsync("1/r/artifacts/empty", "");

        Assert.Equal(["1/r/artifacts/empty", "1/r/artifacts/model/MLmodel", "1/r/artifacts/model/a b+c &d=é.txt"], await Store.KeysAsync(""));
        Assert.Equal("odd", await Client.GetStringAsync(new Uri($"{Proxy}/1/r/artifacts/model/a%20b%2Bc%20%26d%3D%C3%A9.txt", UriKind.Relative)));
        var listed = await Client.GetFromJsonAsync<JsonObject>($"{Proxy}?path=1/r/artifacts");
        Assert.Equal("""{"files":[{"path":"empty","is_dir":false},{"path":"model","is_dir":true}]}""", listed!.ToJsonString());

        using var deleted = await Client.DeleteAsync(new Uri($"{Proxy}/1/r/artifacts/model", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(["1/r/artifacts/empty"], await Store.KeysAsync(""));
        using var missing = await Client.GetAsync(new Uri($"{Proxy}/1/r/artifacts/model/MLmodel", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [StoreFact]
    public async Task A_run_whose_location_is_in_the_bucket_is_read_and_written_by_the_server()
    {
        var experiment = await CallAsync("experiments/create", new JsonObject { ["name"] = "e", ["artifact_location"] = $"{Destination}/direct" });
        var run = (await CallAsync("runs/create", new JsonObject { ["experiment_id"] = (string)experiment["experiment_id"]! }))["run"]!["info"]!;
        var id = (string)run["run_id"]!;
        Assert.Equal($"{Destination}/direct/{id}/artifacts", (string)run["artifact_uri"]!);

        using var content = new ByteArrayContent("0.1,0.2"u8.ToArray());
        using var uploaded = await Client.PostAsync(new Uri($"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={id}&path=d/x.csv", UriKind.Relative), content);
        var listed = await Client.GetFromJsonAsync<JsonObject>($"{Api}/artifacts/list?run_id={id}&path=d");
        using var part = new HttpRequestMessage(HttpMethod.Get, $"/get-artifact?run_uuid={id}&path=d/x.csv") { Headers = { Range = new(2, 4) } };
        using var ranged = await Client.SendAsync(part);

        Assert.Equal(HttpStatusCode.OK, uploaded.StatusCode);
        Assert.Equal([$"direct/{id}/artifacts/d/x.csv"], await Store.KeysAsync("direct"));
        Assert.Equal(["d/x.csv"], listed!["files"]!.AsArray().Select(file => (string)file!["path"]!));
        Assert.Equal((HttpStatusCode.PartialContent, "1,0"), (ranged.StatusCode, await ranged.Content.ReadAsStringAsync()));
    }

    [StoreFact]
    public async Task Large_files_at_the_same_time_pass_through_a_small_process()
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, LargeFiles).Select(i => UploadAsync($"big/{i}.bin", LargeSize, i)));
        var (uploaded, uploadPeak) = (clock.Elapsed, PeakMemory());
        await Task.WhenAll(Enumerable.Range(0, LargeFiles).Select(i => CompareAsync($"big/{i}.bin", LargeSize, i)));

        log.WriteLine(
            $"{LargeFiles} x {LargeSize >> 20} MiB: up in {uploaded.TotalSeconds:f1} s, peak {uploadPeak >> 20} MiB; "
            + $"down in {(clock.Elapsed - uploaded).TotalSeconds:f1} s, peak {PeakMemory() >> 20} MiB");
        Assert.InRange(PeakMemory(), 1, MaxMemory);
    }

    [StoreFact]
    public async Task Sixty_four_transfers_at_once_all_arrive_in_the_memory_of_a_few()
    {
        const int size = (9 << 20) + 1;
        await Task.WhenAll(Enumerable.Range(0, Transfers).Select(i => UploadAsync($"many/{i}.bin", size, i)));
        await Task.WhenAll(Enumerable.Range(0, Transfers).Select(i => CompareAsync($"many/{i}.bin", size, i)));

        log.WriteLine($"{Transfers} transfers of {size >> 20} MiB each way: peak {PeakMemory() >> 20} MiB");
        Assert.InRange(PeakMemory(), 1, MaxMemory);
    }

    [StoreFact]
    public async Task Clients_that_stand_still_do_not_hold_up_others()
    {
        const int size = 10 << 20;
        var go = new TaskCompletionSource();
        var slow = Enumerable.Range(0, SlowClients).Select(i => UploadAsync($"slow/{i}.bin", new PushContent(stream => SendSlowlyAsync(stream, size, i, go.Task)))).ToList();

        await UploadAsync("quick.bin", size, SlowClients);

        Assert.All(slow, upload => Assert.False(upload.IsCompleted));
        go.SetResult();
        await Task.WhenAll(slow);
        await CompareAsync("quick.bin", size, SlowClients);
        await Task.WhenAll(Enumerable.Range(0, SlowClients).Select(i => CompareAsync($"slow/{i}.bin", size, i)));
    }

    [StoreFact]
    public async Task A_client_that_hangs_up_leaves_nothing()
    {
        foreach (var length in new long?[] { null, 100 << 20 })
        {
            using var hangUp = new CancellationTokenSource();
            using var content = new StreamContent(new BreakingStream(new GeneratedStream(40 << 20, 1), 30 << 20, hangUp));
            content.Headers.ContentLength = length;
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{Proxy}/broken.bin") { Content = content };
            request.Headers.TransferEncodingChunked = length is null;
            await Assert.ThrowsAnyAsync<Exception>(() => Client.SendAsync(request, hangUp.Token));
        }

        await Wait.UntilAsync(async () => await CountUnfinishedAsync() == 0, () => "An upload stays unfinished.");
        Assert.Empty(await Store.KeysAsync(""));
    }

    [StoreFact]
    public async Task Ten_thousand_files_are_listed_by_the_server()
    {
        await FillAsync("many", 10_000);

        var listed = await Client.GetFromJsonAsync<JsonObject>($"{Proxy}?path=many");

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"{i:d4}"), listed!["files"]!.AsArray().Select(file => (string)file!["path"]!));
        Assert.InRange(PeakMemory(), 1, MaxMemory);
    }

    /// <summary>Makes a new place in the store.</summary>
    /// <returns>The environment of a server that is to use it.</returns>
    protected abstract Task<IReadOnlyDictionary<string, string>> OpenAsync();

    protected abstract Task<int> CountUnfinishedAsync();

    /// <summary>Puts one-byte files <c>0000</c>, <c>0001</c> … into a folder.</summary>
    protected abstract Task FillAsync(string folder, int count);

    private async Task PutAsync(string path, string text)
    {
        using var content = new StringContent(text);
        using var answer = await Client.PutAsync(new Uri($"{Proxy}/{path}", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> CallAsync(string call, JsonObject body)
    {
        using var answer = await Client.PostAsJsonAsync(new Uri($"{Api}/{call}", UriKind.Relative), body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private Task UploadAsync(string path, long size, int seed) => UploadAsync(path, new StreamContent(new GeneratedStream(size, seed)));

    private async Task UploadAsync(string path, HttpContent body)
    {
        using var content = body;
        using var answer = await Client.PutAsync(new Uri($"{Proxy}/{path}", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Pauses after a mebibyte.</summary>
    private static async Task SendSlowlyAsync(Stream to, long size, int seed, Task go)
    {
        using var body = new GeneratedStream(size, seed);
        var first = new byte[1 << 20];
        await body.ReadExactlyAsync(first);
        await to.WriteAsync(first);
        await to.FlushAsync();
        await go;
        await body.CopyToAsync(to);
    }

    private async Task CompareAsync(string path, long size, int seed)
    {
        using var answer = await Client.GetAsync(new Uri($"{Proxy}/{path}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        using var body = await answer.Content.ReadAsStreamAsync();
        using var expected = new GeneratedStream(size, seed);
        Assert.True(await expected.EqualsAsync(body), $"{path} came back as another.");
    }

    private long PeakMemory()
    {
        using var process = Process.GetProcessById(server.ProcessId);
        return process.PeakWorkingSet64;
    }
}

/// <summary>A body whose sender gives the request up after so many bytes.</summary>
internal sealed class BreakingStream(Stream inner, long after, CancellationTokenSource hangUp) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (inner.Position >= after)
            hangUp.Cancel();
        hangUp.Token.ThrowIfCancellationRequested();
        return inner.Read(buffer, offset, count);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

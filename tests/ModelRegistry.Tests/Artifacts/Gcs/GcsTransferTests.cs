using System.Diagnostics;
using ModelRegistry.GcsServer;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>Many and large transfers through a server process with a bucket behind it, and the memory it takes.</summary>
[Trait("Database", "SQLite")]
public sealed class GcsTransferTests(ITestOutputHelper log) : GcsTests
{
    private const string Proxy = ArtifactServer.Proxy;
    private const long MaxMemory = 200L << 20;


    [Theory]
    [InlineData(2, 512 << 20)]
    [InlineData(64, 12 << 20)]
    public async Task Parallel_transfers_arrive_whole_through_a_small_process(int count, int size)
    {
        await using var server = await StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(30) };
        var clock = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, count).Select(number => Task.Run(() => UploadAsync(client, number, size))));
        var uploaded = clock.Elapsed;
        await Task.WhenAll(Enumerable.Range(0, count).Select(number => Task.Run(() => DownloadAsync(client, number, size))));

        using var process = Process.GetProcessById(server.ProcessId);
        var peak = process.PeakWorkingSet64;
        log.WriteLine(
            $"{count} x {size >> 20} MiB: up in {uploaded.TotalSeconds:f1} s, down in {(clock.Elapsed - uploaded).TotalSeconds:f1} s, peak {peak >> 20} MiB");
        Assert.Equal((count, 0), (Bucket.Count, Gcs.Server.OpenSessions(Bucket)));
        Assert.InRange(peak, 1, MaxMemory);
    }

    [Fact]
    public async Task The_account_of_a_machine_of_google_cloud_is_found_by_asking_the_machine()
    {
        await using var server = await StartAsync(new Dictionary<string, string>
        {
            ["GOOGLE_APPLICATION_CREDENTIALS"] = "",
            ["GCE_METADATA_HOST"] = Gcs.Server.Url["http://".Length..],
            ["HOME"] = Gcs.Home,
        });
        using var client = new HttpClient { BaseAddress = server.Url };

        await UploadAsync(client, 0, 1000);

        await DownloadAsync(client, 0, 1000);
        Assert.Contains(Gcs.Server.Log, request => request.Path.EndsWith("/service-accounts/default/token", StringComparison.Ordinal));
    }

    private async Task<ServerProcess> StartAsync(Dictionary<string, string>? environment = null) => await ServerProcess.StartAsync(new ServerProcessOptions
    {
        ArtifactsDestination = $"gs://{Bucket.Name}/artifacts",
        Environment = new Dictionary<string, string>(environment ?? [])
        {
            ["MODELREGISTRY_GCS_ENDPOINT"] = Gcs.Server.Url,
            ["GOOGLE_APPLICATION_CREDENTIALS"] = environment?["GOOGLE_APPLICATION_CREDENTIALS"] ?? Gcs.Options.CredentialsFile!,
        },
    });

    private static async Task UploadAsync(HttpClient client, int number, int size)
    {
        using var content = new StreamContent(new PatternStream(size, number));
        using var answer = await client.PutAsync($"{Proxy}/d/{number}", content);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
    }

    private static async Task DownloadAsync(HttpClient client, int number, int size)
    {
        using var expected = new PatternStream(size, number);
        using var answer = await client.GetAsync($"{Proxy}/d/{number}", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(size, answer.Content.Headers.ContentLength);
        await using var body = await answer.Content.ReadAsStreamAsync();
        Assert.True(await expected.IsEqualToAsync(body), $"File {number} came back as another.");
    }
}

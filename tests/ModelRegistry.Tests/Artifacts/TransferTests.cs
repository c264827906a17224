using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>Large transfers and sudden deaths, against a server process of its own.</summary>
public sealed class TransferTests(ITestOutputHelper log)
{
    private const string Proxy = ArtifactServer.Proxy;
    private const int PieceSize = 64 << 10;
    private const long MaxMemory = 150L << 20;

    /// <summary>Mebibytes to move; set <c>MODELREGISTRY_TEST_TRANSFER_MIB</c> to 2048 for the size that is promised.</summary>
    private static readonly long Size = long.Parse(
        Environment.GetEnvironmentVariable("MODELREGISTRY_TEST_TRANSFER_MIB") is { Length: > 0 } mib ? mib : "256", CultureInfo.InvariantCulture) << 20;

    [Fact]
    public async Task A_large_file_passes_through_a_small_process()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(30) };
        var clock = Stopwatch.StartNew();

        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = new PushContent(stream => SendAsync(stream, sent));
        using var upload = await client.PutAsync($"{Proxy}/big.bin", content);
        var (uploaded, uploadPeak) = (clock.Elapsed, PeakMemory(server));
        Assert.Equal("{}", await upload.Content.ReadAsStringAsync());

        using var download = await client.GetAsync($"{Proxy}/big.bin", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(Size, download.Content.Headers.ContentLength);
        using var body = await download.Content.ReadAsStreamAsync();
        Assert.Equal(sent.GetHashAndReset(), await SHA256.HashDataAsync(body));
        var peak = PeakMemory(server);

        log.WriteLine(
            $"{Size >> 20} MiB: up in {uploaded.TotalSeconds:f1} s, peak {uploadPeak >> 20} MiB; "
            + $"down in {(clock.Elapsed - uploaded).TotalSeconds:f1} s, peak {peak >> 20} MiB");
        Assert.InRange(peak, 1, MaxMemory);
    }

    [Fact]
    public async Task Slow_readers_do_not_make_the_server_buffer()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        using var content = new PushContent(async stream =>
        {
            for (var i = 0; i < 64 << 4; i++)
                await stream.WriteAsync(new byte[PieceSize]);
        });
        using var upload = await client.PutAsync($"{Proxy}/x.bin", content);
        upload.EnsureSuccessStatusCode();
        var before = PeakMemory(server);

        var waiting = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => client.GetAsync($"{Proxy}/x.bin", HttpCompletionOption.ResponseHeadersRead)));
        await UntilIdleAsync(server);
        var after = PeakMemory(server);
        foreach (var response in waiting)
            response.Dispose();

        log.WriteLine($"20 stalled downloads of 64 MiB: {before >> 20} -> {after >> 20} MiB");
        Assert.InRange(after, 1, MaxMemory);
    }

    [Fact]
    public async Task A_server_killed_during_an_upload_leaves_no_visible_file_and_clears_up_when_it_starts_again()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        using var content = new PushContent(async stream =>
        {
            await stream.WriteAsync(new byte[1 << 20]);
            await stream.FlushAsync();
            await Wait.UntilAsync(() => Partials(server).Any(file => file.Length > 0), () => "No file was begun.");
            await server.KillAsync();
        });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.PutAsync($"{Proxy}/d/x.bin", content));

        Assert.Single(Partials(server));
        await server.StartAgainAsync();
        Assert.Empty(Partials(server));
        using var again = new HttpClient { BaseAddress = server.Url };
        Assert.Equal("{}", await again.GetStringAsync(Proxy));
        Assert.Empty(Directory.EnumerateFileSystemEntries(server.ArtifactsFolder));
    }

    [Fact]
    public async Task A_server_that_is_stopped_finishes_an_upload_first()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };
        Task<int>? stopping = null;
        using var content = new PushContent(async stream =>
        {
            await stream.WriteAsync("first "u8.ToArray());
            await stream.FlushAsync();
            await Wait.UntilAsync(() => Partials(server).Length == 1, () => "No file was begun.");
            stopping = server.StopAsync();
            await server.WaitUntilClosedAsync();
            await stream.WriteAsync("second"u8.ToArray());
        });

        using var upload = await client.PutAsync($"{Proxy}/x.txt", content);

        Assert.True(upload.IsSuccessStatusCode);
        Assert.Equal(0, await stopping!);
        Assert.Equal("first second", await File.ReadAllTextAsync(Path.Combine(server.ArtifactsFolder, "x.txt")));
    }

    private static async Task SendAsync(Stream stream, IncrementalHash hash)
    {
        var piece = new byte[PieceSize];
        for (var sent = 0L; sent < Size; sent += PieceSize)
        {
            // Every piece another content, so that none can be dropped or repeated unnoticed.
            Encoding.ASCII.GetBytes($"{sent:d20}").CopyTo(piece, 0);
            hash.AppendData(piece);
            await stream.WriteAsync(piece);
        }
    }

    private static long PeakMemory(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.ProcessId);
        return process.PeakWorkingSet64;
    }

    /// <summary>Nothing more to do: what the sockets take is sent.</summary>
    private static async Task UntilIdleAsync(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.ProcessId);
        var before = TimeSpan.Zero;
        for (var work = process.TotalProcessorTime; work - before > TimeSpan.FromMilliseconds(20); work = process.TotalProcessorTime)
        {
            before = work;
            await Task.Delay(250);
            process.Refresh();
        }
    }

    private static FileInfo[] Partials(ServerProcess server) =>
        new DirectoryInfo(server.ArtifactsFolder).GetFiles("*.partial", SearchOption.AllDirectories);
}

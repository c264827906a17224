using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Integrity;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Integrity;

/// <summary>What is recorded of uploads, overwrites and deletions.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    private const string Proxy = "/api/2.0/mlflow-artifacts/artifacts";

    private StartedServer server = null!;
    private ArtifactLedger ledger = null!;

    public async Task InitializeAsync()
    {
        server = await StartedServer.StartAsync(options => options);
        ledger = server.App.Services.GetRequiredService<ArtifactLedger>();
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("with%20space%20.txt", "with space .txt")]
    [InlineData("trailing%20", "trailing ")]
    [InlineData("%C3%BCn%C3%AF%20%E6%97%A5%F0%9F%98%80.txt", "ünï 日😀.txt")]
    [InlineData("100%25.txt", "100%.txt")]
    [InlineData("a_b", "a_b")]
    [InlineData("Case", "Case")]
    public async Task An_upload_is_recorded_under_its_name(string raw, string name)
    {
        await PutAsync($"folder/{raw}", "content");

        var row = await RowAsync($"folder/{name}");

        Assert.Equal((7, Sha("content"), null), (row!.Size, row.Sha256, row.Writer));
        Assert.Equal($"mlflow-artifacts:/folder/{name}", Assert.Single(await RowsAsync("folder")).Address);
    }

    [Fact]
    public async Task Names_that_differ_in_case_or_in_a_space_at_the_end_are_different_files()
    {
        foreach (var name in (string[])["x", "X", "x%20"])
            await PutAsync($"f/{name}", name);

        Assert.Equal(
            [("X", Sha("X")), ("x", Sha("x")), ("x ", Sha("x%20"))],
            (await RowsAsync("f")).Select(row => (row.Address["mlflow-artifacts:/f/".Length..], row.Sha256!)));
    }

    [Fact]
    public async Task Large_content_in_many_pieces_has_the_digest_of_the_whole()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_001);
        using var body = new ByteArrayContent(content);

        Assert.Equal(HttpStatusCode.OK, (await server.Client.PutAsync(new Uri($"{Proxy}/big.bin", UriKind.Relative), body)).StatusCode);

        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), ((int)(await RowAsync("big.bin"))!.Size, (await RowAsync("big.bin"))!.Sha256));
    }

    [Fact]
    public async Task An_overwrite_replaces_the_record()
    {
        await PutAsync("o/x", "first");
        await PutAsync("o/x", "second one");

        var row = Assert.Single(await RowsAsync("o"));
        Assert.Equal((10, Sha("second one"), null), (row.Size, row.Sha256, row.Writer));
    }

    [Fact]
    public async Task A_deleted_folder_is_remembered_and_nothing_beside_it()
    {
        foreach (var path in (string[])["d/a", "d/sub/b", "d.txt", "dd/c", "d0"])
            await PutAsync(path, path);

        await server.Client.DeleteAsync(new Uri($"{Proxy}/d", UriKind.Relative));

        Assert.All(await RowsAsync("d"), row => Assert.NotNull(row.DeletedTime));
        Assert.Equal(2, (await RowsAsync("d")).Count);
        foreach (var path in (string[])["d.txt", "dd/c", "d0"])
            Assert.Null((await RowAsync(path))!.DeletedTime);
        await PutAsync("d/a", "again");
        Assert.Equal((Sha("again"), null), ((await RowAsync("d/a"))!.Sha256, (await RowAsync("d/a"))!.DeletedTime));
    }

    [Fact]
    public async Task What_is_purged_is_forgotten()
    {
        foreach (var path in (string[])["p/a", "p/sub/b", "q"])
            await PutAsync(path, path);
        var destination = server.App.Services.GetRequiredService<ArtifactStores>().Destination;

        await destination.PurgeAsync(ArtifactPath.Parse("p"), CancellationToken.None);

        Assert.Empty(await RowsAsync("p"));
        Assert.NotNull(await RowAsync("q"));
        Assert.False(Directory.Exists(Path.Combine(server.Home, "artifacts", "p")));
    }

    [Fact]
    public async Task Uploads_of_one_path_that_meet_leave_the_right_record_or_one_that_does_not_know()
    {
        var contents = Enumerable.Range(0, 12).Select(number => new string((char)('a' + number), 200_000 + number)).ToArray();
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(contents.Select(content => PutAsync("race/x", content)));

            var row = (await RowAsync("race/x"))!;
            var stored = await File.ReadAllTextAsync(Path.Combine(server.Home, "artifacts", "race", "x"));
            Assert.Contains(stored, contents);
            if (row.Writer is null)
                Assert.Equal(Sha(stored), row.Sha256);
        }
    }

    [Fact]
    public async Task Two_uploads_leave_a_record_that_does_not_know_in_whatever_order_they_end()
    {
        var address = new ArtifactAddress("mlflow-artifacts:/m");
        var (one, two) = (await ledger.BeginAsync(address, default), await ledger.BeginAsync(address, default));
        await ledger.CompleteAsync(one, new BlobReceipt(1, null), "1", default);
        await ledger.CompleteAsync(two, new BlobReceipt(2, null), "2", default);
        Assert.NotNull((await RowAsync("m"))!.Writer);

        (one, two) = (await ledger.BeginAsync(address, default), await ledger.BeginAsync(address, default));
        await ledger.CompleteAsync(two, new BlobReceipt(2, null), "2", default);
        Assert.Null((await RowAsync("m"))!.Writer);
        await ledger.CompleteAsync(one, new BlobReceipt(1, null), "1", default);
        Assert.NotNull((await RowAsync("m"))!.Writer);

        (one, two) = (await ledger.BeginAsync(address, default), await ledger.BeginAsync(address, default));
        await ledger.CompleteAsync(one, new BlobReceipt(1, null), "1", default);
        await ledger.CompleteAsync(two, new BlobReceipt(2, null), "2", default);
        Assert.NotNull((await RowAsync("m"))!.Writer);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_the_old_record_but_marked()
    {
        await PutAsync("broken/x", "old");
        await PutAsync("broken/x/below", "a file cannot be a folder", HttpStatusCode.BadRequest);
        using var half = new StreamContent(new BreakingStream());
        await Assert.ThrowsAnyAsync<Exception>(() => server.Client.PutAsync(new Uri($"{Proxy}/broken/x", UriKind.Relative), half));

        var row = (await RowAsync("broken/x"))!;

        Assert.Equal(Sha("old"), row.Sha256);
        Assert.Null(await RowAsync("broken/x/below"));
    }

    [Fact]
    public async Task Pages_of_a_folder_come_in_order()
    {
        for (var number = 0; number < 25; number++)
            await PutAsync($"pages/{number:00}", "x");

        var (seen, after) = (new List<string>(), "");
        while (await ledger.ListAsync(new ArtifactAddress("mlflow-artifacts:/pages"), after, 10, default) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(row => row.Address));
            after = page[^1].Address;
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(number => $"mlflow-artifacts:/pages/{number:00}"), seen);
    }

    private async Task PutAsync(string path, string content, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var body = new StringContent(content);
        using var answer = await server.Client.PutAsync(new Uri($"{Proxy}/{path}", UriKind.Relative), body);
        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<LedgerRow?> RowAsync(string path) =>
        (await ledger.FindAsync([new ArtifactAddress($"mlflow-artifacts:/{path}")], CancellationToken.None)).SingleOrDefault();

    private Task<List<LedgerRow>> RowsAsync(string folder) =>
        ledger.ListAsync(new ArtifactAddress($"mlflow-artifacts:/{folder}"), "", 1000, CancellationToken.None);

    private static string Sha(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    /// <summary>Some bytes, and then a failure of the client.</summary>
    private sealed class BreakingStream : MemoryStream
    {
        private int reads;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            reads++ < 3 ? ValueTask.FromResult(Math.Min(buffer.Length, 1000)) : throw new IOException("The disk of the client is gone.");
    }
}

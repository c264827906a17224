using System.Diagnostics;
using ModelRegistry.GcsServer;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Gcs;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>What goes wrong between this server and Google Cloud Storage, and that nothing comes of it.</summary>
[Trait("Database", "SQLite")]
public sealed class GcsFaultTests : IClassFixture<GcsFixture>
{
    private const int Mebibyte = 1 << 20;
    private const string Chunks = "PUT upload_id";
    private const string Media = "GET alt=media";

    private readonly GcsFixture gcs;
    private readonly GcsBucketState bucket;
    private readonly GcsBlobStore store;

    public GcsFaultTests(GcsFixture gcs)
    {
        this.gcs = gcs;
        bucket = gcs.NewBucket();
        store = gcs.Open(bucket);
    }

    public static TheoryData<string, int, int> UploadFaults => new()
    {
        // What goes wrong with a chunk, from which chunk on, how many times in a row.
        { "503", 0, 1 }, { "503", 1, 3 }, { "503", 3, 5 }, { "500", 2, 1 }, { "408", 1, 1 }, { "429", 1, 2 },
        { "drop 0", 0, 1 }, { "drop 1000", 1, 2 }, { "drop 3000000", 1, 3 }, { "drop 8388607", 2, 1 },
        { "lose", 0, 1 }, { "lose", 2, 1 }, { "lose", 3, 1 },
    };

    [Theory]
    [MemberData(nameof(UploadFaults))]
    public async Task An_upload_goes_on_from_where_the_server_has_come_to(string fault, int chunk, int times)
    {
        var bytes = StoreContent.Bytes((3 * 8 * Mebibyte) + 12_345);
        gcs.Server.Faults.Inject(Chunks, Fault(fault), skip: chunk, times);

        var receipt = await store.WriteAsync("x", bytes);

        Assert.Equal(bytes.Length, receipt.Size);
        await AssertContentAsync(bytes);
        Assert.Equal(0, gcs.Server.OpenSessions(bucket));
    }

    [Theory]
    [InlineData("POST uploadType=multipart", 1000)]
    [InlineData("POST uploadType=resumable", 9 * Mebibyte)]
    [InlineData("GET alt=media", 1000)]
    [InlineData("GET /o/x", 1000)]
    [InlineData("GET /o?", 1000)]
    [InlineData("DELETE /o/x", 1000)]
    public async Task Every_call_is_repeated_while_the_server_is_busy(string request, int size)
    {
        var pending = gcs.Server.Faults.Pending;
        foreach (var fault in new[] { "503", "502", "429", "408" })
        {
            gcs.Server.Faults.Inject(request, Fault(fault), times: 5);

            await store.WriteAsync("x", StoreContent.Bytes(size));
            Assert.Equal(size, (await store.ReadAsync("x"))!.Length);
            Assert.Equal(["x"], await store.NamesAsync(""));
            await store.DeleteAsync("x");
            Assert.Equal(0, bucket.Count);
            Assert.Equal(pending, gcs.Server.Faults.Pending);
        }
    }

    [Theory]
    [InlineData("POST uploadType=multipart")]
    [InlineData("DELETE /o/x")]
    public async Task What_was_done_but_not_answered_is_done_again_without_harm(string request)
    {
        gcs.Server.Faults.Inject(request, new GcsFault { LoseAnswer = true });

        await store.WriteAsync("x", "hello");
        Assert.Equal("hello", await store.ReadTextAsync("x"));
        await store.DeleteAsync("x");

        Assert.Equal(0, bucket.Count);
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up_with_one_clear_sentence()
    {
        gcs.Server.Faults.Inject("POST uploadType=multipart", Fault("503"), times: 6);

        var error = await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", "hello"));

        Assert.True(error.IsTemporary);
        Assert.Equal(
            $"Google Cloud Storage failed 6 times on bucket '{bucket.Name}' (503): We encountered an internal error. Please try again.", error.Message);
        Assert.Equal(6, gcs.Requests(bucket).Count);
    }

    [Fact]
    public async Task An_upload_that_is_given_up_is_cancelled()
    {
        gcs.Server.Faults.Inject(Chunks, Fault("503"), skip: 1, times: 6);

        Assert.True((await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", StoreContent.Bytes(20 * Mebibyte)))).IsTemporary);

        Assert.Equal((0, 0), (gcs.Server.OpenSessions(bucket), bucket.Count));
        Assert.StartsWith("DELETE", gcs.Requests(bucket)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wait_that_the_server_asks_for_is_kept()
    {
        await store.WriteAsync("x", "hello");
        gcs.Server.Faults.Inject(Media, new GcsFault { Status = 429, RetryAfter = "1" });

        await store.ReadAsync("x");

        var asked = MediaRequests();
        Assert.Equal(2, asked.Count);
        // Two clocks took part. Without the header the wait would have been a few milliseconds.
        Assert.True(asked[1].Time - asked[0].Time > TimeSpan.FromMilliseconds(500));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 4)]
    public async Task A_download_that_breaks_off_goes_on_from_there(int after, int times)
    {
        var bytes = StoreContent.Bytes(5 * Mebibyte);
        await store.WriteAsync("x", bytes);
        gcs.Server.Faults.Inject(Media, new GcsFault { DropDownloadAt = after }, times: times);

        await AssertContentAsync(bytes);

        var ranges = MediaRequests().Select(request => request.Range).ToList();
        Assert.Equal(times + 1, ranges.Count);
        if (after == 1_000_000)
            Assert.All(ranges.Skip(1), range => Assert.Matches("^bytes=[1-9][0-9]*-5242879$", range));
    }

    [Fact]
    public async Task A_short_answer_is_made_whole()
    {
        var bytes = StoreContent.Bytes(Mebibyte);
        await store.WriteAsync("x", bytes);
        gcs.Server.Faults.Inject(Media, new GcsFault { ShortBy = 1 });

        await AssertContentAsync(bytes);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(3 * Mebibyte)]
    public async Task A_damaged_download_never_comes_to_its_end(int size)
    {
        await store.WriteAsync("x", StoreContent.Bytes(size));
        gcs.Server.Faults.Inject(Media, new GcsFault { CorruptDownloadAt = 5 });
        await using var blob = (await store.OpenAsync(ArtifactPath.OfKey("x"), default))!;
        var received = 0L;

        var error = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (var piece in blob.ReadAsync(0, size, default))
                received += piece.Length;
        });

        Assert.True(error.IsTemporary);
        Assert.True(received < size);
    }

    [Theory]
    [InlineData("POST uploadType=multipart", 500, 1000)]
    [InlineData(Chunks, 5, 20 * Mebibyte)]
    public async Task A_damaged_upload_is_not_kept(string request, int at, int size)
    {
        await store.WriteAsync("x", "old");
        gcs.Server.Faults.Inject(request, new GcsFault { CorruptUploadAt = at });

        var error = await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", StoreContent.Bytes(size)));

        Assert.Equal($"A file was damaged on its way to bucket '{bucket.Name}' of Google Cloud Storage, and was not kept. Send it again.", error.Message);
        Assert.Equal("old", await store.ReadTextAsync("x"));
    }

    [Fact]
    public async Task A_slow_answer_is_waited_for()
    {
        var bytes = StoreContent.Bytes(2 * Mebibyte);
        await store.WriteAsync("x", bytes);
        gcs.Server.Faults.Inject(Media, new GcsFault { Pause = TimeSpan.FromMilliseconds(20) });

        await AssertContentAsync(bytes);
    }

    [Fact]
    public async Task A_session_that_google_has_forgotten_ends_the_upload()
    {
        gcs.Server.Faults.Inject(Chunks, new GcsFault { Status = 410 }, skip: 1);

        var error = await Assert.ThrowsAsync<StoreException>(() => store.WriteAsync("x", StoreContent.Bytes(20 * Mebibyte)));

        Assert.Equal($"Google Cloud Storage no longer knows an upload to bucket '{bucket.Name}'. Send the file again.", error.Message);
        Assert.Equal(0, bucket.Count);
    }

    [Fact]
    public void Pauses_double_up_to_a_limit_and_differ()
    {
        var retry = new GcsRetry(TimeSpan.FromSeconds(1));

        for (var attempt = 1; attempt < 10; attempt++)
        {
            var longest = Math.Min(32, Math.Pow(2, attempt - 1));
            Assert.All(Enumerable.Range(0, 100), _ => Assert.InRange(retry.Pause(attempt, null).TotalSeconds, Math.Min(longest / 2, 16), longest));
        }

        Assert.True(Enumerable.Range(0, 10).Select(_ => retry.Pause(3, null)).Distinct().Count() > 1);
        Assert.Equal(TimeSpan.FromSeconds(60), retry.Pause(1, TimeSpan.FromSeconds(60)));
        Assert.Equal(TimeSpan.FromMinutes(2), retry.Pause(1, TimeSpan.FromHours(1)));
    }

    private static GcsFault Fault(string name) => name.Split(' ') switch
    {
        ["drop", var after] => new GcsFault { DropUploadAt = int.Parse(after, System.Globalization.CultureInfo.InvariantCulture) },
        ["lose"] => new GcsFault { LoseAnswer = true },
        [var status] => new GcsFault { Status = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) },
        _ => throw new UnreachableException(),
    };

    private List<GcsRequest> MediaRequests() =>
        [.. gcs.Server.Log.Where(request => request.Target.Contains($"{bucket.Name}/o/x?", StringComparison.Ordinal)
            && request.Target.Contains("alt=media", StringComparison.Ordinal))];

    private async Task AssertContentAsync(byte[] expected)
    {
        var kept = await store.ReadAsync("x");
        Assert.True(expected.AsSpan().SequenceEqual(kept));
    }
}

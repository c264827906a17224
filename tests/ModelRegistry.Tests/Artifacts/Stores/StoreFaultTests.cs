using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What a store in a bucket does when the way to it is bad. The faults are named by the request lines of each protocol.</summary>
public abstract class StoreFaultTests : IAsyncLifetime
{
    private const int Size = (20 << 20) + 12_345;

    private protected FaultyProxy Proxy { get; private set; } = null!;

    private protected abstract IBlobStore Store { get; }

    /// <summary>Part of the request line that sends the second part.</summary>
    protected abstract string SecondPart { get; }

    /// <summary>Pattern of the request line that makes the parts a file.</summary>
    protected abstract string Completion { get; }

    public async Task InitializeAsync() => Proxy = await StartAsync();

    public virtual Task DisposeAsync()
    {
        Proxy.Dispose();
        return Task.CompletedTask;
    }

    [StoreTheory]
    [InlineData(nameof(Fault.Unavailable), 2)]
    [InlineData(nameof(Fault.BreakRequest), 2)]
    [InlineData(nameof(Fault.LoseAnswer), 1)]
    public async Task A_part_that_gets_lost_is_sent_again(string fault, int times)
    {
        var bytes = StoreContent.Bytes(Size);
        Proxy.Harm(Enum.Parse<Fault>(fault), SecondPart, times);

        await Store.WriteAsync("x", bytes);

        Assert.Equal(times + 1, Proxy.Requests.Count(line => line.Contains(SecondPart, StringComparison.Ordinal)));
        Assert.True(await HasAsync("x", bytes));
    }

    [StoreTheory]
    [InlineData(nameof(Fault.Unavailable))]
    [InlineData(nameof(Fault.LoseAnswer))]
    public async Task A_completion_whose_answer_gets_lost_is_a_completion(string fault)
    {
        var bytes = StoreContent.Bytes(Size);
        Proxy.Harm(Enum.Parse<Fault>(fault), Completion, 1);

        var receipt = await Store.WriteAsync("x", bytes);

        await using var blob = await Store.OpenAsync(ArtifactPath.OfKey("x"), default);
        Assert.Equal((receipt.Size, receipt.Checksum), (blob!.Length, blob.Checksum));
        Assert.True(await HasAsync("x", bytes));
    }

    [StoreFact]
    public async Task A_download_that_breaks_off_is_resumed_where_it_was()
    {
        var bytes = StoreContent.Bytes(Size);
        await Store.WriteAsync("x", bytes);
        Proxy.Harm(Fault.CutAnswer, "GET ", 3);

        Assert.True(await HasAsync("x", bytes));
        Assert.Equal(4, Proxy.Requests.Count(line => line.StartsWith("GET ", StringComparison.Ordinal)));
    }

    [StoreFact]
    public async Task A_download_that_always_breaks_off_fails_in_the_end()
    {
        await Store.WriteAsync("x", StoreContent.Bytes(1));
        Proxy.Harm(Fault.CutAnswer, "GET ", int.MaxValue);

        Assert.True((await Assert.ThrowsAsync<StoreException>(() => Store.ReadAsync("x"))).IsTemporary);
    }

    [StoreFact]
    public async Task A_damaged_download_is_not_passed_on_whole()
    {
        await Store.WriteAsync("x", StoreContent.Bytes(300_000));
        Proxy.Harm(Fault.DamageAnswer, "GET ", 1);
        await using var blob = (await Store.OpenAsync(ArtifactPath.OfKey("x"), default))!;
        var passed = 0L;

        var failure = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (var piece in blob.ReadAsync(0, blob.Length))
                passed += piece.Length;
        });

        Assert.Contains("does not match", failure.Message, StringComparison.Ordinal);
        Assert.InRange(passed, 0, blob.Length - 1);
    }

    [StoreFact]
    public async Task A_store_that_is_never_available_leaves_nothing_of_an_upload()
    {
        await Store.WriteAsync("x", "old");
        Proxy.Harm(Fault.Unavailable, Completion, int.MaxValue);

        var failure = await Assert.ThrowsAsync<StoreException>(() => Store.WriteAsync("x", StoreContent.Bytes(Size)));

        Assert.True(failure.IsTemporary);
        Assert.Equal("old", await Store.ReadTextAsync("x"));
        Assert.Equal(0, await CountUnfinishedAsync());
    }

    /// <summary>Opens the store by way of a proxy.</summary>
    private protected abstract Task<FaultyProxy> StartAsync();

    /// <summary>Uploads in parts that were neither completed nor aborted and that the store does not throw away by itself.</summary>
    protected abstract Task<int> CountUnfinishedAsync();

    private async Task<bool> HasAsync(string path, byte[] bytes)
    {
        var kept = await Store.ReadAsync(path);
        return bytes.AsSpan().SequenceEqual(kept);
    }
}

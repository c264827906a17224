using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What every store keeps to; a class per kind of store derives it. Each test finds an empty store.</summary>
public abstract class BlobStoreContract
{
    private const int ManyFiles = 10_000;

    public static TheoryData<string> OddNames =>
    [
        "a b", " a ", "a+b", "a%20b", "100%", "a?b=c&d", "a#b", "a'b\"c", "a;b,c:d@e", "a=b", "(a)[b]{c}", "*~!$^`|<>", "back\\slash", "ünïcödé", "日本語/ファイル",
        "😀.bin", "e\u0301", "...", "a..b", ".hidden/.x", "-rf", "a%2Fb", "x%", "o/o/b/o", "upload", "c/d?uploads", "&amp;<Key>",
    ];

    /// <summary>The store under test.</summary>
    private protected abstract IBlobStore Store { get; }

    /// <summary>Sizes at which this store changes its way of uploading.</summary>
    protected virtual int ChunkSize => 8 << 20;

    /// <summary>Whether an opened file outlives its replacement; else reading it fails then, and never gives anything else.</summary>
    protected virtual bool KeepsOpenFiles => false;

    /// <summary>Whether this store takes a name of <see cref="OddNames"/>; else writing it is refused.</summary>
    protected virtual bool Takes(string name) => true;

    /// <summary>Puts one-byte files <c>0000</c>, <c>0001</c> … into a folder, on whatever way is quick.</summary>
    protected abstract Task FillAsync(string folder, int count);

    [StoreFact]
    public async Task A_written_file_is_read_listed_and_deleted()
    {
        var receipt = await Store.WriteAsync("d/e/x.txt", "hello");

        Assert.Equal(5, receipt.Size);
        Assert.Equal("hello", await Store.ReadTextAsync("d/e/x.txt"));
        Assert.Equal([new BlobEntry("x.txt", false, 5)], await Store.ListAsync(ArtifactPath.OfKey("d/e"), default));
        Assert.Equal([new BlobEntry("e", true, null)], await Store.ListAsync(ArtifactPath.OfKey("d"), default));
        await Store.DeleteAsync("d/e/x.txt");
        await Store.DeleteAsync("d/e/x.txt");
        Assert.Null(await Store.ReadAsync("d/e/x.txt"));
        Assert.Empty(await Store.NamesAsync("d/e"));
    }

    [StoreTheory]
    [MemberData(nameof(OddNames))]
    public async Task Any_name_is_kept_as_it_is(string name)
    {
        if (!Takes(name))
        {
            await Assert.ThrowsAsync<ApiException>(() => Store.WriteAsync($"odd/{name}", name));
            return;
        }

        await Store.WriteAsync($"odd/{name}", name);
        await Store.WriteAsync($"odd/{name}.sibling", "other");

        Assert.Equal(name, await Store.ReadTextAsync($"odd/{name}"));
        Assert.Equal([$"odd/{name}", $"odd/{name}.sibling"], await Store.KeysAsync("odd"));
        var last = name.LastIndexOf('/');
        Assert.Contains(name[(last + 1)..], await Store.NamesAsync(last < 0 ? "odd" : $"odd/{name[..last]}"));
        await Store.DeleteAsync($"odd/{name}");
        Assert.Equal([$"odd/{name}.sibling"], await Store.KeysAsync("odd"));
        Assert.Null(await Store.ReadAsync($"odd/{name}"));
    }

    [StoreFact]
    public async Task A_second_write_replaces_the_first()
    {
        await Store.WriteAsync("x", "first, longer");
        await using var first = await Store.OpenAsync(ArtifactPath.OfKey("x"), default);
        await Task.Delay(20);
        await Store.WriteAsync("x", "second");
        await using var second = await Store.OpenAsync(ArtifactPath.OfKey("x"), default);

        Assert.Equal("second", await Store.ReadTextAsync("x"));
        Assert.Equal(["x"], await Store.NamesAsync(""));
        Assert.NotEqual(first!.Tag, second!.Tag);
    }

    [StoreFact]
    public async Task A_listing_is_in_the_order_of_names_with_folders_among_the_files()
    {
        foreach (var path in new[] { "l/d/x", "l/d-1/x", "l/d.txt", "l/D", "l/a/b/c", "l/z", "l/d0", "l/é" })
            await Store.WriteAsync(path, "12345");
        await Store.WriteAsync("l/empty", "");

        Assert.Equal(["D", "a/", "d/", "d-1/", "d.txt", "d0", "empty", "z", "é"], await Store.NamesAsync("l"));
        Assert.Equal(["l/"], await Store.NamesAsync(""));
        foreach (var nothing in new[] { "l/z", "l/none", "none", "l/d." })
            Assert.Empty(await Store.NamesAsync(nothing));
        var entries = await Store.ListAsync(ArtifactPath.OfKey("l"), default);
        Assert.All(entries, entry => Assert.Equal(entry.IsFolder ? null : entry.Name == "empty" ? 0 : 5, entry.Size));
    }

    [StoreFact]
    public async Task A_whole_tree_is_listed_with_sizes_times_and_checksums()
    {
        var receipt = await Store.WriteAsync("t/a", "12345");
        await Store.WriteAsync("t/b/c/d", "1");
        await Store.WriteAsync("t/b/e", "");
        await Store.WriteAsync("tt", "not in it");

        var files = await Store.FilesAsync("t");

        Assert.Equal([("t/a", 5), ("t/b/c/d", 1), ("t/b/e", 0)], files.Select(file => (file.Path.Key, file.Size)));
        Assert.All(files, file => Assert.InRange(file.LastModified, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10)));
        Assert.True(files[0].Checksum is null || files[0].Checksum == receipt.Checksum);
        Assert.Equal(["t/a", "t/b/c/d", "t/b/e", "tt"], await Store.KeysAsync(""));
        Assert.Empty(await Store.KeysAsync("t/a"));
        Assert.Empty(await Store.KeysAsync("none"));
    }

    [StoreFact]
    public async Task A_delete_takes_the_file_or_the_folder_and_no_neighbour()
    {
        foreach (var path in new[] { "d/model/a", "d/model/b/c", "d/model.txt", "d/model2/a", "d/modelling" })
            await Store.WriteAsync(path, "x");

        await Store.DeleteAsync("d/mod");
        Assert.Equal(5, (await Store.KeysAsync("d")).Count);
        await Store.DeleteAsync("d/model");
        Assert.Equal(["d/model.txt", "d/model2/a", "d/modelling"], await Store.KeysAsync("d"));
        await Store.DeleteAsync("d/model");
        await Store.DeleteAsync("d/none/deeper");
        await Store.DeleteAsync("d");
        Assert.Empty(await Store.KeysAsync(""));
    }

    [StoreFact]
    public async Task The_root_and_folders_are_not_files()
    {
        await Store.WriteAsync("d/x", "x");

        await Assert.ThrowsAsync<ApiException>(() => Store.WriteAsync("", "x"));
        await Assert.ThrowsAsync<ApiException>(() => Store.WriteAsync("new/", "x"));
        await Assert.ThrowsAsync<ApiException>(() => Store.DeleteAsync(""));
        await Assert.ThrowsAsync<ApiException>(() => Store.OpenAsync(ArtifactPath.OfKey("d"), default));
        Assert.Null(await Store.OpenAsync(ArtifactPath.OfKey("none"), default));
        Assert.Equal(["d/x"], await Store.KeysAsync(""));
    }

    [StoreTheory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 300_000)]
    [InlineData(1, 299_998)]
    [InlineData(299_999, 1)]
    [InlineData(100_000, 131_072)]
    public async Task Any_part_of_a_file_can_be_read(int offset, int length)
    {
        var bytes = StoreContent.Bytes(300_000);
        var receipt = await Store.WriteAsync("x", bytes);
        await using var blob = (await Store.OpenAsync(ArtifactPath.OfKey("x"), default))!;

        Assert.Equal((bytes.Length, receipt.Checksum), (blob.Length, blob.Checksum));
        Assert.Equal(bytes[offset..(offset + length)], await blob.ReadPartAsync(offset, length));
        Assert.Equal(bytes[offset..(offset + length)], await blob.ReadPartAsync(offset, length));
    }

    [StoreTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Files_of_every_size_arrive_whole(bool tellLength)
    {
        foreach (var size in new[] { 0, 1, 65_536, ChunkSize - 1, ChunkSize, ChunkSize + 1, (2 * ChunkSize) + 12_345, 3 * ChunkSize })
        {
            var bytes = StoreContent.Bytes(size, seed: size);
            var receipt = await Store.WriteAsync("x", bytes, tellLength);

            Assert.Equal(size, receipt.Size);
            var kept = await Store.ReadAsync("x");
            Assert.True(bytes.AsSpan().SequenceEqual(kept), $"{size} bytes came back as others.");
        }
    }

    [StoreTheory]
    [InlineData(1000, null)]
    [InlineData(1000, 5000L)]
    [InlineData(20 << 20, null)]
    [InlineData(20 << 20, 30L << 20)]
    public async Task A_write_that_breaks_off_leaves_the_old_content_and_nothing_else(int after, long? announced)
    {
        await Store.WriteAsync("x", "old");

        foreach (var path in new[] { "x", "d/new" })
        {
            await Assert.ThrowsAsync<IOException>(
                () => Store.WriteAsync(ArtifactPath.OfKey(path), StoreContent.BreakingOffAsync(after), announced, default));
        }

        Assert.Equal("old", await Store.ReadTextAsync("x"));
        Assert.Equal(["x"], await Store.KeysAsync(""));
        Assert.Equal(["x"], await Store.NamesAsync(""));
    }

    [StoreTheory]
    [InlineData(10)]
    [InlineData(40 << 20)]
    public async Task An_upload_on_its_way_is_seen_by_nobody(int size)
    {
        var go = new TaskCompletionSource();
        var bytes = StoreContent.Bytes(size);
        var writing = Store.WriteAsync(ArtifactPath.OfKey("d/x"), StoreContent.WaitingAsync(bytes, go.Task), null, default);

        Assert.Null(await Store.ReadAsync("d/x"));
        Assert.Empty(await Store.NamesAsync(""));
        Assert.Empty(await Store.KeysAsync(""));

        go.SetResult();
        await writing;
        var kept = await Store.ReadAsync("d/x");
        Assert.True(bytes.AsSpan().SequenceEqual(kept));
    }

    [StoreFact]
    public async Task What_is_read_is_never_mixed_with_what_is_written_meanwhile()
    {
        var old = StoreContent.Bytes(300_000, seed: 1);
        await Store.WriteAsync("x", old);
        await using var blob = (await Store.OpenAsync(ArtifactPath.OfKey("x"), default))!;

        await Store.WriteAsync("x", StoreContent.Bytes(300_000, seed: 2));

        if (KeepsOpenFiles)
            Assert.Equal(old, await blob.ReadPartAsync(0, blob.Length));
        else
            Assert.True((await Assert.ThrowsAsync<StoreException>(() => blob.ReadPartAsync(0, blob.Length))).IsTemporary);
    }

    [StoreFact]
    public async Task Of_concurrent_writes_one_wins_whole()
    {
        var contents = Enumerable.Range(0, 16).Select(seed => StoreContent.Bytes(300_000, seed)).ToList();

        await Task.WhenAll(contents.Select(content => Task.Run(() => Store.WriteAsync("d/x", content))));

        var kept = await Store.ReadAsync("d/x");
        Assert.Contains(contents, content => content.AsSpan().SequenceEqual(kept));
        Assert.Equal(["d/x"], await Store.KeysAsync(""));
    }

    [StoreFact]
    public async Task Ten_thousand_files_in_a_folder_are_listed_and_deleted()
    {
        await FillAsync("many", ManyFiles);
        await Store.WriteAsync("many/zz/below", "x");
        await Store.WriteAsync("many2", "x");
        var names = Enumerable.Range(0, ManyFiles).Select(i => $"{i:d4}").ToList();

        Assert.Equal([.. names, "zz/"], await Store.NamesAsync("many"));
        Assert.Equal([.. names.Select(name => $"many/{name}"), "many/zz/below"], await Store.KeysAsync("many"));
        await Store.DeleteAsync("many");
        Assert.Equal(["many2"], await Store.KeysAsync(""));
    }
}

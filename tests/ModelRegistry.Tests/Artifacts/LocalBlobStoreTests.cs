using System.Text;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class LocalBlobStoreTests : IDisposable
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly LocalBlobStore store;

    public LocalBlobStoreTests()
    {
        Root = Path.Combine(home.FullName, "root");
        Outside = Path.Combine(home.FullName, "outside");
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Outside);
        File.WriteAllText(Path.Combine(Outside, "secret.txt"), "secret");
        store = new LocalBlobStore(Root);
    }

    private string Root { get; }

    private string Outside { get; }

    public void Dispose() => home.Delete(recursive: true);

    [Fact]
    public async Task A_written_file_is_read_listed_and_deleted()
    {
        await WriteAsync("d/e/x.txt", "hello");

        Assert.Equal("hello", await ReadAsync("d/e/x.txt"));
        Assert.Equal([new BlobEntry("x.txt", false, 5)], await ListAsync("d/e"));
        Assert.Equal([new BlobEntry("e", true, null)], await ListAsync("d"));
        await DeleteAsync("d/e/x.txt");
        Assert.Null(await ReadAsync("d/e/x.txt"));
        Assert.Empty(await ListAsync("d/e"));
        await DeleteAsync("d");
        await DeleteAsync("d");
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_the_old_content_and_nothing_else()
    {
        await WriteAsync("x.txt", "old");

        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(ArtifactPath.Parse("x.txt"), BreakingOff(), null, default));
        await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(ArtifactPath.Parse("d/new.txt"), BreakingOff(), null, default));

        Assert.Equal("old", await ReadAsync("x.txt"));
        Assert.Equal(["x.txt"], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_upload_on_its_way_is_seen_by_nobody()
    {
        var go = new TaskCompletionSource();
        var writing = store.WriteAsync(ArtifactPath.Parse("x.txt"), WaitingFor(go.Task), null, default);

        Assert.Null(await ReadAsync("x.txt"));
        Assert.Empty(await ListAsync(""));
        Assert.Empty(await ListAsync(PartialFile.Folder));
        var partial = Assert.Single(Directory.EnumerateFiles(Path.Combine(Root, PartialFile.Folder)));
        Assert.Null(await ReadAsync($"{PartialFile.Folder}/{Path.GetFileName(partial)}"));
        Assert.Equal("Invalid path", (await Assert.ThrowsAsync<ApiException>(() => DeleteAsync(PartialFile.Folder))).Message);
        Assert.Equal("Invalid path", (await Assert.ThrowsAsync<ApiException>(() => WriteAsync(".MR-partial/x", "x"))).Message);

        go.SetResult();
        await writing;
        Assert.Equal("whole", await ReadAsync("x.txt"));
        Assert.False(Directory.Exists(Path.Combine(Root, PartialFile.Folder)));
    }

    [Fact]
    public async Task Leftovers_of_a_killed_server_go_when_the_next_one_starts()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Root, PartialFile.Folder)).FullName;
        var go = new TaskCompletionSource();
        var running = store.WriteAsync(ArtifactPath.Parse("x.txt"), WaitingFor(go.Task), null, default);
        var dead = Path.Combine(folder, Path.GetFileName(Directory.EnumerateFiles(folder).Single()) + ".partial");
        var foreign = Path.Combine(folder, "another-machine.1.partial");
        var forgotten = Path.Combine(folder, "another-machine.2.partial");
        foreach (var path in new[] { dead, foreign, forgotten })
            await File.WriteAllTextAsync(path, "half");
        File.SetLastWriteTimeUtc(forgotten, DateTime.UtcNow.AddDays(-2));

        new LocalBlobStore(Root).RemoveLeftovers();

        Assert.Equal((false, true, false), (File.Exists(dead), File.Exists(foreign), File.Exists(forgotten)));
        go.SetResult();
        await running;
        Assert.Equal("whole", await ReadAsync("x.txt"));
    }

    [Fact]
    public async Task Of_concurrent_writes_one_wins_whole()
    {
        var contents = Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), 300_000)).ToList();

        await Task.WhenAll(contents.Select(content => Task.Run(() => WriteAsync("d/x.txt", content))));

        Assert.Contains(await ReadAsync("d/x.txt"), contents);
        Assert.Single(await ListAsync("d"));
        Assert.False(Directory.Exists(Path.Combine(Root, PartialFile.Folder)));
    }

    [Fact]
    public async Task Writers_of_the_same_name_never_stand_in_each_others_way()
    {
        // Each one that ends tries to take the folder of uploads away, in which others begin.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 300; i++)
                await WriteAsync("d/x.txt", $"{writer}");
        })));

        Assert.Single((await ReadAsync("d/x.txt"))!);
        Assert.False(Directory.Exists(Path.Combine(Root, PartialFile.Folder)));
    }

    [Fact]
    public async Task Writes_listings_and_deletes_of_the_same_folder_do_not_disturb_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => Task.Run(() => (i % 3) switch
        {
            0 => WriteAsync($"d/e/{i}", "x"),
            1 => ListAsync("d/e"),
            _ => DeleteAsync("d"),
        })));

        await DeleteAsync("d");
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task What_is_being_read_stays_as_it_was()
    {
        await WriteAsync("x.txt", "old content");
        await using var blob = (await store.OpenAsync(ArtifactPath.Parse("x.txt"), default))!;

        await WriteAsync("x.txt", "new");
        await DeleteAsync("x.txt");

        Assert.Equal("old content", await ReadAsync(blob));
    }

    [Fact]
    public async Task A_new_content_has_a_new_tag()
    {
        await WriteAsync("x.txt", "one");
        await using var first = await store.OpenAsync(ArtifactPath.Parse("x.txt"), default);
        await Task.Delay(20);
        await WriteAsync("x.txt", "two");
        await using var second = await store.OpenAsync(ArtifactPath.Parse("x.txt"), default);

        Assert.NotEqual(first!.Tag, second!.Tag);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("ABSOLUTE")]
    [InlineData("inner/../../outside")]
    public async Task A_link_out_of_the_root_leads_nowhere(string target)
    {
        Directory.CreateDirectory(Path.Combine(Root, "inner"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), target == "ABSOLUTE" ? Outside : target);
        File.CreateSymbolicLink(Path.Combine(Root, "file"), Path.Combine(Outside, "secret.txt"));

        foreach (var path in new[] { "link/secret.txt", "link/./secret.txt", "file" })
        {
            await AssertOutsideAsync(() => ReadAsync(path));
            await AssertOutsideAsync(() => WriteAsync(path, "overwritten"));
            await AssertOutsideAsync(() => DeleteAsync(path));
        }

        await AssertOutsideAsync(() => ListAsync("link"));
        await AssertOutsideAsync(() => DeleteAsync("link"));
        await AssertOutsideAsync(() => WriteAsync("link/new.txt", "x"));
        Assert.Equal([new BlobEntry("inner", true, null)], await ListAsync(""));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(Outside, "secret.txt")));
        Assert.Single(Directory.EnumerateFileSystemEntries(Outside));
    }

    [Fact]
    public async Task A_link_within_the_root_is_followed_and_deleted_as_a_link()
    {
        await WriteAsync("real/x.txt", "hello");
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), "real");
        File.CreateSymbolicLink(Path.Combine(Root, "alias.txt"), Path.Combine(Root, "real/x.txt"));

        Assert.Equal("hello", await ReadAsync("link/x.txt"));
        Assert.Equal("hello", await ReadAsync("alias.txt"));
        Assert.Equal(
            [new BlobEntry("alias.txt", false, 5), new BlobEntry("link", true, null), new BlobEntry("real", true, null)], await ListAsync(""));
        await DeleteAsync("link");
        await DeleteAsync("alias.txt");
        Assert.Equal("hello", await ReadAsync("real/x.txt"));
    }

    [Fact]
    public async Task Deleting_a_folder_does_not_follow_the_links_in_it()
    {
        Directory.CreateDirectory(Path.Combine(Root, "d"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "d", "link"), Outside);

        await DeleteAsync("d");

        Assert.Empty(await ListAsync(""));
        Assert.True(File.Exists(Path.Combine(Outside, "secret.txt")));
    }

    [Fact]
    public async Task Links_in_a_circle_are_refused_and_not_listed()
    {
        File.CreateSymbolicLink(Path.Combine(Root, "a"), "b");
        File.CreateSymbolicLink(Path.Combine(Root, "b"), "a");

        await AssertOutsideAsync(() => ReadAsync("a"));
        Assert.Empty(await ListAsync(""));
    }

    [Fact]
    public async Task The_root_may_itself_be_a_link()
    {
        var link = Path.Combine(home.FullName, "root-link");
        Directory.CreateSymbolicLink(link, Root);
        await WriteAsync("x.txt", "hello");

        Assert.Equal([new BlobEntry("x.txt", false, 5)], await new LocalBlobStore(link).ListAsync(ArtifactPath.Root, default));
    }

    [Fact]
    public async Task Folders_and_files_do_not_stand_in_for_each_other()
    {
        await WriteAsync("d/x.txt", "x");
        Directory.CreateDirectory(Path.Combine(Root, "empty"));

        await Assert.ThrowsAsync<ApiException>(() => ReadAsync("d"));
        await Assert.ThrowsAsync<ApiException>(() => WriteAsync("d", "x"));
        await Assert.ThrowsAsync<ApiException>(() => WriteAsync("new/", "x"));
        await Assert.ThrowsAsync<ApiException>(() => WriteAsync("d/x.txt/y/z", "x"));
        await Assert.ThrowsAsync<ApiException>(() => WriteAsync("", "x"));
        await Assert.ThrowsAsync<ApiException>(() => DeleteAsync("."));
        Assert.Null(await ReadAsync("d/x.txt/y"));
        await DeleteAsync("d/x.txt/y");
        Assert.Empty(await ListAsync("d/x.txt"));
        Assert.Empty(await ListAsync("empty"));
        Assert.Equal(["d", "empty"], (await ListAsync("")).Select(entry => entry.Name));
    }

    [Fact]
    public async Task A_name_no_file_system_takes_is_refused_before_the_upload()
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => WriteAsync(new string('ü', 200), "x"));

        Assert.Equal("Invalid path: a name is longer than 255 bytes", error.Message);
    }

    private static async Task AssertOutsideAsync(Func<Task> access) =>
        Assert.Equal("Invalid path: resolved path is outside the artifact directory", (await Assert.ThrowsAsync<ApiException>(access)).Message);

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Content(string text)
    {
        foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(1000))
        {
            await Task.Yield();
            yield return piece;
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> BreakingOff()
    {
        await Task.Yield();
        yield return "half"u8.ToArray();
        throw new IOException("The client hung up.");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> WaitingFor(Task go)
    {
        yield return "who"u8.ToArray();
        await go;
        yield return "le"u8.ToArray();
    }

    private static async Task<string> ReadAsync(IBlob blob)
    {
        var bytes = new List<byte>();
        await foreach (var piece in blob.ReadAsync(0, blob.Length))
            bytes.AddRange(piece.Span);
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private async Task<string?> ReadAsync(string path)
    {
        await using var blob = await store.OpenAsync(ArtifactPath.Parse(path), default);
        return blob is null ? null : await ReadAsync(blob);
    }

    private Task<BlobReceipt> WriteAsync(string path, string text) => store.WriteAsync(ArtifactPath.Parse(path), Content(text), null, default);

    private Task DeleteAsync(string path) => store.DeleteAsync(ArtifactPath.Parse(path), default);

    private Task<IReadOnlyList<BlobEntry>> ListAsync(string path) => store.ListAsync(ArtifactPath.Parse(path), default);
}

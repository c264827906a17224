using ModelRegistry.GcsServer;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Gcs;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

[Trait("Database", "SQLite")]
public sealed class GcsBlobStoreContractTests : ObjectStoreContract, IClassFixture<GcsFixture>
{
    private readonly GcsFixture gcs;
    private readonly GcsBucketState bucket;
    private readonly GcsBlobStore all;

    public GcsBlobStoreContractTests(GcsFixture gcs)
    {
        this.gcs = gcs;
        bucket = gcs.NewBucket();
        all = gcs.Open(bucket);
    }

    [Fact]
    public async Task Long_listings_come_page_by_page()
    {
        gcs.Server.PageLimit = 3;
        try
        {
            foreach (var path in new[] { "p/a", "p/b/1", "p/b/2", "p/b/3", "p/b/4", "p/b/5", "p/c", "p/d/1", "p/e", "p/f" })
                await all.WriteAsync(path, "x");

            Assert.Equal(["a", "b/", "c", "d/", "e", "f"], await all.NamesAsync("p"));
            Assert.Equal(10, (await all.KeysAsync("p")).Count);
            await all.DeleteAsync("p");
            Assert.Equal(0, bucket.Count);
        }
        finally
        {
            gcs.Server.PageLimit = 1000;
        }
    }

    [Fact]
    public async Task Marks_of_empty_folders_and_names_no_path_leads_to_are_not_listed()
    {
        var file = gcs.Server.NewFile();
        bucket.Fill(["d/", "d/e/", "d/x", "d//y"], file);

        Assert.Equal(["e/", "x"], await all.NamesAsync("d"));
        Assert.Equal(["d/x"], await all.KeysAsync(""));
        await all.DeleteAsync("d");
        Assert.Equal(0, bucket.Count);
    }

    [Fact]
    public async Task A_key_longer_than_google_takes_is_refused_before_the_upload()
    {
        var error = await Assert.ThrowsAsync<Server.Errors.ApiException>(() => all.WriteAsync(new string('é', 513), "x"));

        Assert.Equal("Invalid path: it is longer than 1024 bytes with the prefix of the bucket", error.Message);
        Assert.Empty(gcs.Requests(bucket));
    }

    [Fact]
    public async Task The_longest_key_google_takes_is_written_read_and_deleted()
    {
        var path = new string('é', 512);

        await all.WriteAsync(path, "hello");

        Assert.Equal("hello", await all.ReadTextAsync(path));
        Assert.Equal([path], await all.NamesAsync(""));
        await all.DeleteAsync(path);
        Assert.Equal(0, bucket.Count);
    }

    private protected override IBlobStore Open(string prefix) => gcs.Open(bucket, prefix);

    protected override Task FillAsync(string folder, int count)
    {
        bucket.Fill(Enumerable.Range(0, count).Select(i => $"pre/fix/{folder}/{i:d4}"), gcs.Server.NewFile());
        return Task.CompletedTask;
    }
}

using System.Net;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Direct;

/// <summary>Uploads in parts past the server that are aborted or completed over HTTP, on each store.</summary>
public abstract class AbortTests(BucketServer server)
{
    private const string Folder = "0/run/artifacts";
    private const string Name = "big model é.bin";

    [StoreFact]
    public async Task An_aborted_upload_leaves_nothing_and_cannot_be_completed()
    {
        var (upload, part) = await server.BeginUploadAsync(Folder, Name, new byte[5 << 20], parts: 2);
        Assert.Equal([$"{Folder}/{Name}"], await server.Place.UnfinishedAsync());

        var aborted = await server.FinishUploadAsync("abort", Folder, Name, upload);
        var again = await server.FinishUploadAsync("abort", Folder, Name, upload);
        var completed = await server.FinishUploadAsync("complete", Folder, Name, upload, part);

        Assert.Equal((200, "{}"), (aborted.Status, aborted.Text));
        Assert.Equal((200, "{}"), (again.Status, again.Text));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (completed.Status, completed.ErrorCode));
        Assert.Empty(await server.Place.UnfinishedAsync());
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, $"{ArtifactServer.Proxy}/{Folder}/{WebUtility.UrlEncode(Name).Replace("+", "%20", StringComparison.Ordinal)}")).Status);
    }

    [StoreFact]
    public async Task An_abort_touches_neither_the_file_of_that_name_nor_another_upload()
    {
        using var old = new StringContent("old");
        using var put = await server.Client.PutAsync(new Uri($"{ArtifactServer.Proxy}/kept/x.bin", UriKind.Relative), old);
        var (other, part) = await server.BeginUploadAsync("kept", "y.bin", [1, 2, 3]);
        var (upload, _) = await server.BeginUploadAsync("kept", "x.bin", [4, 5, 6]);

        var aborted = await server.FinishUploadAsync("abort", "kept", "x.bin", upload);
        var completed = await server.FinishUploadAsync("complete", "kept", "y.bin", other, part);

        Assert.Equal((HttpStatusCode.OK, 200, 200), (put.StatusCode, aborted.Status, completed.Status));
        Assert.Equal("old", await server.Place.Store.ReadTextAsync("kept/x.bin"));
        Assert.Equal([1, 2, 3], await server.Place.Store.ReadAsync("kept/y.bin"));
    }
}

[Trait("Database", "SQLite")]
public sealed class GcsAbortTests(GcsBucketServer server) : AbortTests(server), IClassFixture<GcsBucketServer>;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3AbortTests(S3BucketServer server) : AbortTests(server), IClassFixture<S3BucketServer>;

[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class AzureAbortTests(AzureBucketServer server) : AbortTests(server), IClassFixture<AzureBucketServer>;

using System.Net;
using System.Net.Http.Headers;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

/// <summary>What stores in a bucket keep to besides: prefixes of one bucket, signed addresses, uploads in parts that pass the server by.</summary>
public abstract class ObjectStoreContract : BlobStoreContract
{
    /// <summary>The least size of all parts but the last that every store takes.</summary>
    private const int PartSize = 5 << 20;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);
    private static readonly HttpClient Client = new();

    private protected override IBlobStore Store => Open("pre/fix");

    private IMultipartUploads Parted => Assert.IsAssignableFrom<IMultipartUploads>(Store);

    private IPresigning Presigning => Assert.IsAssignableFrom<IPresigning>(Store);

    /// <summary>The store below a prefix of this test's bucket (container); empty for the whole of it.</summary>
    private protected abstract IBlobStore Open(string prefix);

    [StoreFact]
    public async Task Stores_of_one_bucket_see_what_is_below_their_prefix_and_nothing_else()
    {
        await Open("").WriteAsync("a/b/x", "1");
        await Open("a").WriteAsync("bb", "2");
        await Open("a/b/").WriteAsync("c/y", "3");

        Assert.Equal(["a/"], await Open("").NamesAsync(""));
        Assert.Equal(["b/", "bb"], await Open("a").NamesAsync(""));
        Assert.Equal(["c/y", "x"], await Open("a/b").KeysAsync(""));
        Assert.Equal("1", await Open("a/b").ReadTextAsync("x"));
        await Open("a").DeleteAsync("b");
        Assert.Equal(["a/bb"], await Open("").KeysAsync(""));
    }

    [StoreTheory]
    [InlineData("x.txt")]
    [InlineData("d/a b+c%20&d=é#?'\"😀(1)*~!.bin")]
    public async Task A_signed_address_gives_the_file_and_parts_of_it(string path)
    {
        await Store.WriteAsync(path, "hello");
        var address = await Presigning.SignDownloadAsync(ArtifactPath.OfKey(path), Lifetime, default);

        using var whole = await Client.SendAsync(Request(HttpMethod.Get, address.Url, address.Headers));
        using var ranged = Request(HttpMethod.Get, address.Url, address.Headers);
        ranged.Headers.Range = new RangeHeaderValue(1, 2);
        using var part = await Client.SendAsync(ranged);

        Assert.Equal((HttpStatusCode.OK, "hello"), (whole.StatusCode, await whole.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.PartialContent, "el"), (part.StatusCode, await part.Content.ReadAsStringAsync()));
    }

    [StoreFact]
    public async Task A_signed_address_is_good_for_its_file_and_its_method_alone()
    {
        await Store.WriteAsync("secret.txt", "secret");
        await Store.WriteAsync("public.txt", "public");
        var address = await Presigning.SignDownloadAsync(ArtifactPath.OfKey("public.txt"), Lifetime, default);

        using var other = await Client.GetAsync(new Uri(address.Url.Replace("public.txt", "secret.txt", StringComparison.Ordinal)));
        using var put = Request(HttpMethod.Put, address.Url, address.Headers, new ByteArrayContent([1]));
        using var overwritten = await Client.SendAsync(put);

        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        Assert.InRange(overwritten.StatusCode, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden);
        Assert.Equal("public", await Store.ReadTextAsync("public.txt"));
    }

    [StoreTheory]
    [InlineData("x.txt")]
    [InlineData("d/a b+c%20&d=é#?'\"😀(1)*~!.bin")]
    public async Task A_file_is_sent_to_a_signed_address(string path)
    {
        var address = await Presigning.SignUploadAsync(ArtifactPath.OfKey(path), Lifetime, default);

        using var request = Request(HttpMethod.Put, address.Url, address.Headers, new ByteArrayContent("hello"u8.ToArray()));
        using var answer = await Client.SendAsync(request);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("hello", await Store.ReadTextAsync(path));
    }

    [StoreTheory]
    [InlineData("big.bin")]
    [InlineData("d/a b+c%20&d=é#?'\"😀(1)*~!.bin")]
    public async Task Parts_become_one_file_when_the_upload_is_completed(string name)
    {
        var path = ArtifactPath.OfKey(name);
        var bytes = StoreContent.Bytes((2 * PartSize) + 1000);
        var upload = await Parted.StartAsync(path, 3, Lifetime, default);
        Assert.Equal([1, 2, 3], upload.Parts.Select(part => part.Number));

        var parts = await Task.WhenAll(upload.Parts.Select(part => SendAsync(part, bytes.Chunk(PartSize).ElementAt(part.Number - 1))));

        Assert.Null(await Store.ReadAsync(name));
        Assert.Empty(await Store.KeysAsync(""));
        await Parted.CompleteAsync(path, upload.UploadId, parts, default);
        var kept = await Store.ReadAsync(name);
        Assert.True(bytes.AsSpan().SequenceEqual(kept));
        Assert.Empty(await UnfinishedAsync());
    }

    [StoreFact]
    public async Task An_aborted_upload_is_gone_and_may_be_aborted_again()
    {
        var path = ArtifactPath.OfKey("d/big.bin");
        var upload = await Parted.StartAsync(path, 2, Lifetime, default);
        await SendAsync(upload.Parts[0], StoreContent.Bytes(PartSize));

        await Parted.AbortAsync(path, upload.UploadId, default);
        await Parted.AbortAsync(path, upload.UploadId, default);

        Assert.Empty(await UnfinishedAsync());
        Assert.Empty(await Store.KeysAsync(""));
    }

    [StoreFact]
    public async Task Uploads_that_nobody_finished_are_listed_below_the_prefix_of_the_store()
    {
        var path = ArtifactPath.OfKey("d/a b&é.bin");
        var upload = await Parted.StartAsync(path, 2, Lifetime, default);
        await SendAsync(upload.Parts[0], StoreContent.Bytes(PartSize));
        var elsewhere = Assert.IsAssignableFrom<IMultipartUploads>(Open("pre/fix2"));
        var other = await elsewhere.StartAsync(path, 1, Lifetime, default);
        await SendAsync(other.Parts[0], StoreContent.Bytes(10));

        var unfinished = Assert.Single(await UnfinishedAsync());

        Assert.Equal((path, upload.UploadId), (unfinished.Path, unfinished.UploadId));
        Assert.InRange(unfinished.Started, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(10));
    }

    [StoreFact]
    public async Task An_upload_is_not_completed_with_parts_that_were_not_sent()
    {
        var path = ArtifactPath.OfKey("big.bin");
        var upload = await Parted.StartAsync(path, 2, Lifetime, default);
        var first = await SendAsync(upload.Parts[0], StoreContent.Bytes(PartSize));
        var second = new FinishedPart(2, "\"00000000000000000000000000000000\"", upload.Parts[1].Url);

        await Assert.ThrowsAsync<ApiException>(() => Parted.CompleteAsync(path, upload.UploadId, [first, second], default));

        Assert.Null(await Store.ReadAsync("big.bin"));
    }

    private static async Task<FinishedPart> SendAsync(PartAddress part, byte[] bytes)
    {
        using var request = Request(HttpMethod.Put, part.Url, part.Headers, new ByteArrayContent(bytes));
        using var answer = await Client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return new FinishedPart(part.Number, answer.Headers.ETag?.ToString() ?? "", part.Url);
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, IReadOnlyDictionary<string, string> headers, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(method, new Uri(url)) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<List<UnfinishedUpload>> UnfinishedAsync()
    {
        var uploads = new List<UnfinishedUpload>();
        await foreach (var upload in Parted.ListUnfinishedAsync(default))
            uploads.Add(upload);
        return uploads;
    }
}

using Amazon.S3.Model;
using ModelRegistry.Server.Artifacts;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.S3;

/// <summary>What goes with requests besides the content, as the store sees it.</summary>
[Trait("Database", "SQLite")]
[NeedsStores]
public sealed class S3RequestTests
{
    private static readonly Dictionary<string, string> Encrypted = new()
    {
        ["MLFLOW_S3_UPLOAD_EXTRA_ARGS"] = """{"ServerSideEncryption": "AES256", "ACL": "bucket-owner-full-control"}""",
        ["MLFLOW_S3_EXPECTED_BUCKET_OWNER"] = "111122223333",
    };

    [StoreTheory]
    [InlineData(1)]
    [InlineData(9 << 20)]
    public async Task Extra_arguments_and_the_type_of_the_content_are_kept_with_the_file(int size)
    {
        using var place = await S3Place.CreateAsync(Encrypted);

        await place.Open().WriteAsync("d/x.png", StoreContent.Bytes(size));

        var kept = await place.Account.Client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = place.Bucket, Key = "d/x.png" });
        Assert.Equal(("AES256", "image/png"), (kept.ServerSideEncryptionMethod.Value, kept.Headers.ContentType));
    }

    [StoreFact]
    public async Task Signed_addresses_carry_them_as_headers_that_the_client_has_to_send()
    {
        using var place = await S3Place.CreateAsync(Encrypted);
        using var client = new HttpClient();
        var address = await place.Open().SignUploadAsync(ArtifactPath.OfKey("x.png"), TimeSpan.FromMinutes(1), default);

        Assert.Equal("AES256", address.Headers["x-amz-server-side-encryption"]);
        Assert.Equal("image/png", address.Headers["Content-Type"]);
        using var bare = await client.PutAsync(new Uri(address.Url), new ByteArrayContent([1]));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, bare.StatusCode);
    }
}

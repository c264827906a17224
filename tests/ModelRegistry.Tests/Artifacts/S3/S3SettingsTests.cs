using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.S3;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.S3;

[Trait("Database", "SQLite")]
public sealed class S3SettingsTests
{
    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, "path", true)]
    [InlineData("http://minio:9000", null, true)]
    [InlineData("http://minio:9000", "auto", true)]
    [InlineData("http://minio:9000", "virtual", false)]
    public void An_endpoint_of_ones_own_is_addressed_by_path_unless_told_otherwise(string? endpoint, string? style, bool expected) =>
        Assert.Equal(expected, Settings(("MLFLOW_S3_ENDPOINT_URL", endpoint), ("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", style)).UsePathStyle);

    [Theory]
    [InlineData("MLFLOW_S3_ENDPOINT_URL", "minio:9000")]
    [InlineData("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE", "dns")]
    [InlineData("MLFLOW_S3_UPLOAD_EXTRA_ARGS", "[]")]
    [InlineData("MLFLOW_S3_UPLOAD_EXTRA_ARGS", "{")]
    [InlineData("MLFLOW_S3_UPLOAD_EXTRA_ARGS", """{"Encryption": "AES256"}""")]
    public void A_variable_that_makes_no_sense_is_named(string name, string value) =>
        Assert.Contains(name, Assert.Throws<StoreException>(() => Settings((name, value))).Message, StringComparison.Ordinal);

    [Fact]
    public void Extra_arguments_become_headers_and_those_that_every_request_needs_are_known()
    {
        var args = Settings(("MLFLOW_S3_UPLOAD_EXTRA_ARGS",
            """{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k", "RequestPayer": "requester", "SSECustomerKey": "0123", "Metadata": {"team": "x"}}""")).ExtraArgs;

        Assert.Equal("aws:kms", args.OfNewObjects["x-amz-server-side-encryption"]);
        Assert.Equal("k", args.OfNewObjects["x-amz-server-side-encryption-aws-kms-key-id"]);
        Assert.Equal("x", args.OfNewObjects["x-amz-meta-team"]);
        Assert.Equal("MDEyMw==", args.OfEveryRequest["x-amz-server-side-encryption-customer-key"]);
        Assert.Equal("62L2uTBttXXC1ZaxJ5YnpA==", args.OfEveryRequest["x-amz-server-side-encryption-customer-key-MD5"]);
        Assert.Equal(["x-amz-request-payer"], args.OfBucketRequests.Keys);
    }

    private static S3Settings Settings(params (string Name, string? Value)[] environment) =>
        S3Settings.From(name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}

using Amazon.Runtime.Endpoints;
using Amazon.S3.Endpoints;
using Amazon.S3.Internal;
using ModelRegistry.Server.Artifacts.S3;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.S3;

public sealed class S3EndpointsTests
{
    private readonly CountingRules rules = new();

    [Theory]
    [InlineData("http://127.0.0.1:9000", true, "models")]
    [InlineData("https://minio.example/", true, "my.bucket-1")]
    [InlineData("https://gateway.example/s3", true, "models")]
    [InlineData("https://gateway.example/s3/", true, "models--x-s3")]
    [InlineData("https://minio.example", false, "models")]
    [InlineData(null, false, "models")]
    [InlineData(null, true, "models")]
    [InlineData(null, false, "Odd_Name")]
    [InlineData(null, false, "arn:aws:s3:eu-central-1:123456789012:accesspoint/models")]
    public void An_address_is_the_one_of_the_rules_however_often_it_is_asked_for(string? endpoint, bool usesPathStyle, string bucket)
    {
        var endpoints = new S3Endpoints(rules);
        for (var i = 0; i < 3; i++)
        {
            var expected = Describe(new AmazonS3EndpointProvider(), Ask(endpoint, usesPathStyle, bucket));
            Assert.Equal(expected, Describe(endpoints, Ask(endpoint, usesPathStyle, bucket)));
        }
    }

    [Fact]
    public void The_rules_are_asked_once_for_a_bucket_and_what_a_caller_does_to_the_answer_stays_with_it()
    {
        var endpoints = new S3Endpoints(rules);

        endpoints.ResolveEndpoint(Ask(null, false, "models-a")).URL += "/changed";
        var again = endpoints.ResolveEndpoint(Ask(null, false, "models-a"));
        var other = endpoints.ResolveEndpoint(Ask(null, false, "models-b"));

        Assert.Equal(("https://models-a.s3.eu-central-1.amazonaws.com", "https://models-b.s3.eu-central-1.amazonaws.com"), (again.URL, other.URL));
        Assert.Equal(2, rules.Calls);
    }

    private static S3EndpointParameters Ask(string? endpoint, bool usesPathStyle, string bucket) => new()
    {
        Bucket = bucket, Region = "eu-central-1", Endpoint = endpoint, ForcePathStyle = usesPathStyle,
        UseFIPS = false, UseDualStack = false, Accelerate = false, UseGlobalEndpoint = false, DisableMultiRegionAccessPoints = false, Key = "a/b",
    };

    private static (string Url, string Schemes) Describe(IEndpointProvider provider, S3EndpointParameters asked)
    {
        var found = provider.ResolveEndpoint(asked);
        var schemes = Assert.IsAssignableFrom<IEnumerable<object>>(found.Attributes["authSchemes"]).Cast<PropertyBag>();
        return (found.URL, string.Join(';', schemes.Select(scheme => $"{scheme["name"]} {scheme["signingName"]} {scheme["signingRegion"]} {scheme["disableDoubleEncoding"]}")));
    }

    private sealed class CountingRules : IEndpointProvider
    {
        private readonly AmazonS3EndpointProvider rules = new();

        public int Calls { get; private set; }

        public Amazon.Runtime.Endpoints.Endpoint ResolveEndpoint(EndpointParameters parameters)
        {
            Calls++;
            return rules.ResolveEndpoint(parameters);
        }
    }
}

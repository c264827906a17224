using System.Collections.Concurrent;
using System.Text.Json;
using Amazon.Runtime.Endpoints;
using Amazon.S3.Endpoints;
using Endpoint = Amazon.Runtime.Endpoints.Endpoint;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>
/// The address of each bucket, found once. The SDK asks its rules twice for every request, and these are one method of 28 KB of code: compiling it
/// takes ten mebibytes, and twice that when it is compiled anew because it is called often.
/// </summary>
/// <param name="rules">The SDK's own.</param>
internal sealed class S3Endpoints(IEndpointProvider rules) : IEndpointProvider
{
    /// <summary>Locations of experiments can name any bucket, so there is an end to remembering.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<Place, Endpoint> known = new();

    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        // Key and prefix do not count: no rule asks for them.
        var asked = (S3EndpointParameters)parameters;
        var place = new Place(asked.Bucket, asked.Region, asked.Endpoint, asked.ForcePathStyle == true);
        if (known.TryGetValue(place, out var found))
            return Copy(found);
        found = IsPlain(place) ? BelowEndpoint(place) : rules.ResolveEndpoint(parameters);
        if (known.Count < Most)
            known[place] = found;
        return Copy(found);
    }

    /// <summary>Whether the bucket is a path below an endpoint of one's own; a bucket with other characters may be an ARN.</summary>
    private static bool IsPlain(Place place) =>
        place is { UsesPathStyle: true, Endpoint: not null, Bucket: { Length: > 0 } bucket }
        && bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && !bucket.EndsWith("--x-s3", StringComparison.Ordinal);

    private static Endpoint BelowEndpoint(Place place) => new(
        $"{place.Endpoint.TrimEnd('/')}/{place.Bucket}",
        $$"""{"authSchemes":[{"disableDoubleEncoding":true,"name":"sigv4","signingName":"s3","signingRegion":"{{JsonEncodedText.Encode(place.Region)}}"}]}""",
        "{}");

    /// <summary>The SDK changes the URL of what it gets when it signs an address.</summary>
    private static Endpoint Copy(Endpoint endpoint) => new(endpoint.URL) { Attributes = endpoint.Attributes, Headers = endpoint.Headers };

    /// <summary>What differs between requests of one client.</summary>
    private readonly record struct Place(string Bucket, string Region, string Endpoint, bool UsesPathStyle);
}

using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>What clients send and fetch past this server.</summary>
internal sealed partial class S3BlobStore : IMultipartUploads, IPresigning
{
    public async Task<MultipartUpload> StartAsync(ArtifactPath path, int parts, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var begin = new InitiateMultipartUploadRequest { BucketName = bucket, Key = KeyOf(path), ContentType = ContentTypes.Of(path.Name) };
        var upload = await CallAsync("s3:PutObject", client => client.InitiateMultipartUploadAsync(begin, cancellationToken), cancellationToken);
        var addresses = new List<PartAddress>(parts);
        for (var number = 1; number <= parts; number++)
        {
            var request = Request(HttpVerb.PUT, path, lifetime, account.Settings.ExtraArgs.OfEveryRequest);
            (request.UploadId, request.PartNumber) = (upload.UploadId, number);
            var address = await SignAsync(request, cancellationToken);
            addresses.Add(new PartAddress(number, address.Url, address.Headers));
        }

        return new MultipartUpload(upload.UploadId, addresses);
    }

    public async Task CompleteAsync(ArtifactPath path, string? uploadId, IReadOnlyList<FinishedPart> parts, CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest
        {
            BucketName = bucket,
            Key = KeyOf(path),
            UploadId = Required(uploadId),
            PartETags = [.. parts.Select(part => new PartETag { PartNumber = part.Number, ETag = part.Tag })],
        };
        await CallAsync("s3:PutObject", client => CompleteAsync(client, request, cancellationToken), cancellationToken);
    }

    public async Task AbortAsync(ArtifactPath path, string? uploadId, CancellationToken cancellationToken)
    {
        var request = new AbortMultipartUploadRequest { BucketName = bucket, Key = KeyOf(path), UploadId = Required(uploadId) };
        await CallAsync("s3:AbortMultipartUpload", client => AbortAsync(client, request, cancellationToken), cancellationToken);
    }

    public async IAsyncEnumerable<UnfinishedUpload> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = PrefixOf(ArtifactPath.Root) };
        ListMultipartUploadsResponse page;
        do
        {
            page = await CallAsync("s3:ListBucketMultipartUploads", client => client.ListMultipartUploadsAsync(request, cancellationToken), cancellationToken);
            foreach (var upload in page.MultipartUploads ?? [])
                yield return new UnfinishedUpload(PathOf(upload.Key), upload.UploadId, Instant(upload.Initiated));
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated == true);
    }

    public Task<SignedAddress> SignDownloadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken) =>
        SignAsync(Request(HttpVerb.GET, path, lifetime, account.Settings.ExtraArgs.OfEveryRequest), cancellationToken);

    public Task<SignedAddress> SignUploadAsync(ArtifactPath path, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        RequireFile(path);
        var headers = new Dictionary<string, string>(account.Settings.ExtraArgs.OfNewObjects);
        headers.TryAdd("Content-Type", ContentTypes.Of(path.Name));
        return SignAsync(Request(HttpVerb.PUT, path, lifetime, headers), cancellationToken);
    }

    private GetPreSignedUrlRequest Request(HttpVerb verb, ArtifactPath path, TimeSpan lifetime, IReadOnlyDictionary<string, string> headers)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = bucket,
            Key = KeyOf(path),
            Verb = verb,
            Expires = DateTime.UtcNow + lifetime,
            Protocol = account.SignsContent ? Protocol.HTTP : Protocol.HTTPS,
        };
        foreach (var (name, value) in headers)
            request.Headers[name] = value;
        if (account.Settings.BucketOwner is { } owner)
            request.Headers["x-amz-expected-bucket-owner"] = owner;
        return request;
    }

    /// <summary>Every header of the request is part of the signature, so the client has to send it.</summary>
    private async Task<SignedAddress> SignAsync(GetPreSignedUrlRequest request, CancellationToken cancellationToken)
    {
        var headers = request.Headers.Keys.ToDictionary(name => name, name => request.Headers[name]);
        var url = await CallAsync("s3:GetObject", client => client.GetPreSignedURLAsync(request), cancellationToken);
        return new SignedAddress(url, headers);
    }

    private static async Task<bool> CompleteAsync(IAmazonS3 client, CompleteMultipartUploadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await client.CompleteMultipartUploadAsync(request, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "NoSuchUpload" or "InvalidPart" or "InvalidPartOrder" or "EntityTooSmall" or "MalformedXML")
        {
            throw ApiException.Invalid($"The upload cannot be completed: {e.Message}");
        }
    }

    private static async Task<bool> AbortAsync(IAmazonS3 client, AbortMultipartUploadRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await client.AbortMultipartUploadAsync(request, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return false;
        }
    }

    private static string Required(string? uploadId) => uploadId is { Length: > 0 } ? uploadId : throw ApiException.Invalid("The upload has no upload_id.");
}

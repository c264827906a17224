using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary><c>MLFLOW_S3_UPLOAD_EXTRA_ARGS</c>: a JSON object with the arguments of boto3's <c>upload_file</c>, here as the headers they are sent as.</summary>
internal sealed class S3ExtraArgs
{
    private static readonly Dictionary<string, string> HeaderNames = new()
    {
        ["ACL"] = "x-amz-acl",
        ["CacheControl"] = "Cache-Control",
        ["ContentDisposition"] = "Content-Disposition",
        ["ContentEncoding"] = "Content-Encoding",
        ["ContentLanguage"] = "Content-Language",
        ["ContentType"] = "Content-Type",
        ["ExpectedBucketOwner"] = "x-amz-expected-bucket-owner",
        ["Expires"] = "Expires",
        ["GrantFullControl"] = "x-amz-grant-full-control",
        ["GrantRead"] = "x-amz-grant-read",
        ["GrantReadACP"] = "x-amz-grant-read-acp",
        ["GrantWriteACP"] = "x-amz-grant-write-acp",
        ["ObjectLockLegalHoldStatus"] = "x-amz-object-lock-legal-hold",
        ["ObjectLockMode"] = "x-amz-object-lock-mode",
        ["ObjectLockRetainUntilDate"] = "x-amz-object-lock-retain-until-date",
        ["RequestPayer"] = "x-amz-request-payer",
        ["ServerSideEncryption"] = "x-amz-server-side-encryption",
        ["SSECustomerAlgorithm"] = "x-amz-server-side-encryption-customer-algorithm",
        ["SSECustomerKey"] = "x-amz-server-side-encryption-customer-key",
        ["SSECustomerKeyMD5"] = "x-amz-server-side-encryption-customer-key-MD5",
        ["SSEKMSEncryptionContext"] = "x-amz-server-side-encryption-context",
        ["SSEKMSKeyId"] = "x-amz-server-side-encryption-aws-kms-key-id",
        ["StorageClass"] = "x-amz-storage-class",
        ["Tagging"] = "x-amz-tagging",
        ["WebsiteRedirectLocation"] = "x-amz-website-redirect-location",
    };

    private readonly Dictionary<string, string> headers = [];

    private S3ExtraArgs()
    {
    }

    /// <summary>Headers of the request that creates an object or begins an upload in parts.</summary>
    public IReadOnlyDictionary<string, string> OfNewObjects => headers;

    /// <summary>Those among them that every request has to repeat: a bucket whose requester pays, a key that only the client knows.</summary>
    public IReadOnlyDictionary<string, string> OfEveryRequest => OfRequests(_ => true);

    /// <summary>What a request on the bucket itself repeats.</summary>
    public IReadOnlyDictionary<string, string> OfBucketRequests => OfRequests(name => !name.Contains("encryption-customer", StringComparison.Ordinal));

    /// <exception cref="StoreException">It is no JSON object, or has an argument that is not known.</exception>
    public static S3ExtraArgs Parse(string? json)
    {
        var args = new S3ExtraArgs();
        if (json is null)
            return args;
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var argument in document.RootElement.EnumerateObject())
                args.Add(argument.Name, argument.Value);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new StoreException("MLFLOW_S3_UPLOAD_EXTRA_ARGS is not a JSON object of arguments.", isTemporary: false, e);
        }

        return args;
    }

    private void Add(string name, JsonElement value)
    {
        if (name == "Metadata")
        {
            foreach (var entry in value.EnumerateObject())
                headers[$"x-amz-meta-{entry.Name}"] = entry.Value.ToString();
            return;
        }

        if (!HeaderNames.TryGetValue(name, out var header))
        {
            throw new StoreException(
                $"MLFLOW_S3_UPLOAD_EXTRA_ARGS has the unknown argument '{name}'; known are {string.Join(", ", HeaderNames.Keys)} and Metadata.",
                isTemporary: false);
        }

        if (name == "SSECustomerKey")
            AddCustomerKey(header, Encoding.UTF8.GetBytes(value.ToString()));
        else
            headers[header] = value.ToString();
    }

    /// <summary>The key is given as it is; it travels in base64, with its digest.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "The protocol's digest against damage, not against attackers.")]
    private void AddCustomerKey(string header, byte[] key)
    {
        headers[header] = Convert.ToBase64String(key);
        headers.TryAdd(HeaderNames["SSECustomerKeyMD5"], Convert.ToBase64String(MD5.HashData(key)));
    }

    private Dictionary<string, string> OfRequests(Func<string, bool> condition) =>
        headers.Where(header => (header.Key == HeaderNames["RequestPayer"] || header.Key.Contains("encryption-customer", StringComparison.Ordinal)) && condition(header.Key))
            .ToDictionary(header => header.Key, header => header.Value);
}

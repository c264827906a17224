using Amazon.Runtime;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>How S3 is reached, from the environment variables that boto3 and MLflow read.</summary>
internal sealed record S3Settings
{
    /// <summary>An S3 that is not Amazon's: <c>MLFLOW_S3_ENDPOINT_URL</c>, else <c>AWS_ENDPOINT_URL_S3</c>, else <c>AWS_ENDPOINT_URL</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>AWS_DEFAULT_REGION</c>, else <c>AWS_REGION</c>; null leaves it to the profile.</summary>
    public string? Region { get; init; }

    /// <summary><c>MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE</c>: <c>path</c>, <c>virtual</c> or <c>auto</c>, which is path for endpoints of one's own.</summary>
    public bool UsePathStyle { get; init; }

    /// <summary><c>MLFLOW_S3_IGNORE_TLS</c>: any certificate is taken.</summary>
    public bool IgnoreTls { get; init; }

    /// <summary><c>AWS_CA_BUNDLE</c>: a PEM file with the authorities to trust.</summary>
    public string? CaBundle { get; init; }

    /// <summary><c>MLFLOW_S3_EXPECTED_BUCKET_OWNER</c>: the account that has to own the bucket.</summary>
    public string? BucketOwner { get; init; }

    /// <summary><c>MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION</c> is <c>unsigned</c>: no credentials are used.</summary>
    public bool Unsigned { get; init; }

    /// <summary><c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c>, <c>AWS_SESSION_TOKEN</c>: they go before every other credential; null without them.</summary>
    public AWSCredentials? Keys { get; init; }

    /// <summary>
    /// Whether a CRC-32C is stored with each object: on Amazon's S3, and elsewhere when <c>AWS_REQUEST_CHECKSUM_CALCULATION</c> is <c>when_supported</c>.
    /// </summary>
    public bool StoreChecksums { get; init; }

    /// <summary><c>MLFLOW_S3_UPLOAD_EXTRA_ARGS</c>.</summary>
    public required S3ExtraArgs ExtraArgs { get; init; }

    /// <exception cref="StoreException">A variable makes no sense.</exception>
    public static S3Settings From(Func<string, string?> environment)
    {
        string? Get(params string[] names) => names.Select(environment).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        var endpoint = Get("MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
        if (endpoint is not null && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            throw new StoreException($"The S3 endpoint '{endpoint}' is no http:// or https:// address; correct MLFLOW_S3_ENDPOINT_URL.", isTemporary: false);
        return new S3Settings
        {
            Endpoint = endpoint,
            Region = Get("AWS_DEFAULT_REGION", "AWS_REGION"),
            UsePathStyle = Get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE") switch
            {
                "path" => true,
                "virtual" => false,
                null or "auto" => endpoint is not null,
                var style => throw new StoreException(
                    $"MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE is '{style}'; it can be 'auto', 'path' or 'virtual'.", isTemporary: false),
            },
            IgnoreTls = Get("MLFLOW_S3_IGNORE_TLS")?.ToLowerInvariant() is "true" or "1",
            CaBundle = Get("AWS_CA_BUNDLE"),
            BucketOwner = Get("MLFLOW_S3_EXPECTED_BUCKET_OWNER"),
            Unsigned = "unsigned".Equals(Get("MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION"), StringComparison.OrdinalIgnoreCase),
            Keys = (Get("AWS_ACCESS_KEY_ID"), Get("AWS_SECRET_ACCESS_KEY"), Get("AWS_SESSION_TOKEN")) switch
            {
                ({ } id, { } secret, { } token) => new SessionAWSCredentials(id, secret, token),
                ({ } id, { } secret, null) => new BasicAWSCredentials(id, secret),
                _ => null,
            },
            StoreChecksums = Get("AWS_REQUEST_CHECKSUM_CALCULATION")?.ToLowerInvariant() switch
            {
                "when_supported" => true,
                "when_required" => false,
                _ => endpoint is null,
            },
            ExtraArgs = S3ExtraArgs.Parse(Get("MLFLOW_S3_UPLOAD_EXTRA_ARGS")),
        };
    }
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.GcsServer;

/// <summary>One service account, the tokens that were given to it, and every way to get one: key, metadata server, federation, impersonation.</summary>
internal sealed class GcsAccounts(GcsServer server)
{
    public const string Email = "registry@models.iam.gserviceaccount.com";

    /// <summary>What a file or a server has to say for a token of the federation.</summary>
    public const string SubjectToken = "who-the-pod-is";

    private const string MetadataPath = "/computeMetadata/v1/instance/service-accounts/default";

    private readonly RSA key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, bool> tokens = new();
    private int signatures;

    /// <summary>Permissions that the account has not.</summary>
    public ConcurrentDictionary<string, bool> Denied { get; } = new();

    /// <summary>How often IAM has signed.</summary>
    public int Signatures => signatures;

    /// <summary>The token endpoint answers that the key is not known.</summary>
    public bool IsKeyRevoked { get; set; }

    /// <summary>A service account key as Google's console gives it out.</summary>
    public string KeyFile() => JsonSerializer.Serialize(new
    {
        type = "service_account",
        project_id = "models",
        private_key_id = "1",
        private_key = key.ExportPkcs8PrivateKeyPem(),
        client_email = Email,
        client_id = "1",
        token_uri = $"{server.Url}/token",
    });

    /// <summary>Workload identity: a token from a file is exchanged for one of the federation, and that for one of the account.</summary>
    public string FederationFile(string subjectTokenFile) => JsonSerializer.Serialize(new
    {
        type = "external_account",
        audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
        subject_token_type = "urn:ietf:params:oauth:token-type:jwt",
        token_url = $"{server.Url}/sts",
        service_account_impersonation_url = $"{server.Url}/v1/projects/-/serviceAccounts/{Email}:generateAccessToken",
        credential_source = new { file = subjectTokenFile },
    });

    /// <summary>Impersonation of the account by a key of its own.</summary>
    public string ImpersonationFile() => JsonSerializer.Serialize(new
    {
        type = "impersonated_service_account",
        service_account_impersonation_url = $"{server.Url}/v1/projects/-/serviceAccounts/{Email}:generateAccessToken",
        delegates = Array.Empty<string>(),
        source_credentials = JsonSerializer.Deserialize<JsonElement>(KeyFile()),
    });

    /// <summary>Makes every token that was given out worthless.</summary>
    public void ExpireTokens() => tokens.Clear();

    /// <summary>The bucket of a request, if its caller may do that.</summary>
    /// <exception cref="GcsException">It may not, or there is no such bucket.</exception>
    public GcsBucketState Admit(GcsRequest request, string bucketName, string permission)
    {
        var isSigned = request.Query.ContainsKey("X-Goog-Signature");
        if (isSigned)
            GcsSignature.Check(request, key);
        else if (!server.IsOpen && !IsKnown(request))
            throw new GcsException(401, "authError", "Invalid Credentials");
        if (Denied.ContainsKey(permission))
        {
            throw new GcsException(
                403, "forbidden", $"{Email} does not have {permission} access to the Google Cloud Storage object. Permission '{permission}' denied on resource (or it may not exist).");
        }

        var bucket = server.FindBucket(bucketName) ?? throw GcsException.NoSuchBucket();
        var pays = request.Query.ContainsKey("userProject") || request.Http.Request.Headers.ContainsKey("x-goog-user-project");
        return bucket.RequesterPays && !pays
            ? throw new GcsException(400, "required", "Bucket is a requester pays bucket but no user project provided.")
            : bucket;
    }

    /// <summary>Everything that is not storage.</summary>
    public async Task HandleAsync(GcsRequest request)
    {
        var response = request.Http.Response;
        response.Headers["Metadata-Flavor"] = "Google";
        switch (request.Path)
        {
            case "/token":
                await response.WriteAsJsonAsync(ExchangeAssertion(await FormAsync(request)));
                break;
            case "/sts":
                await response.WriteAsJsonAsync(ExchangeSubject(await FormAsync(request)));
                break;
            case $"{MetadataPath}/token":
                await response.WriteAsJsonAsync(new { access_token = NewToken(), expires_in = 3600, token_type = "Bearer" });
                break;
            case $"{MetadataPath}/email":
                await response.WriteAsync(Email);
                break;
            case var path when path.EndsWith(":generateAccessToken", StringComparison.Ordinal) && IsKnown(request):
                await response.WriteAsJsonAsync(new { accessToken = NewToken(), expireTime = DateTime.UtcNow.AddHours(1).ToString("O") });
                break;
            case var path when path.EndsWith(":signBlob", StringComparison.Ordinal) && IsKnown(request):
                await SignAsync(request);
                break;
            case "/":
                break;
            default:
                throw new GcsException(403, "forbidden", "Permission denied.");
        }
    }

    private static async Task<IFormCollection> FormAsync(GcsRequest request) => await request.Http.Request.ReadFormAsync();

    private object ExchangeAssertion(IFormCollection form)
    {
        var parts = form["assertion"].ToString().Split('.');
        var isOurs = !IsKeyRevoked && parts.Length == 3 && key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), FromBase64Url(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var claims = isOurs ? JsonSerializer.Deserialize<JsonElement>(FromBase64Url(parts[1])) : default;
        return isOurs && claims.GetProperty("iss").GetString() == Email
            ? new { access_token = NewToken(), expires_in = 3600, token_type = "Bearer" }
            : throw new GcsException(400, "invalid_grant", "Invalid JWT Signature.");
    }

    private object ExchangeSubject(IFormCollection form) => form["subject_token"] == SubjectToken
        ? new { access_token = NewToken(), issued_token_type = "urn:ietf:params:oauth:token-type:access_token", token_type = "Bearer", expires_in = 3600 }
        : throw new GcsException(400, "invalid_grant", "The subject token is not known.");

    private async Task SignAsync(GcsRequest request)
    {
        if (Denied.ContainsKey("iam.serviceAccounts.signBlob"))
            throw new GcsException(403, "forbidden", "Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).");
        var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Http.Request.Body);
        var signature = key.SignData(body.GetProperty("payload").GetBytesFromBase64(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Interlocked.Increment(ref signatures);
        await request.Http.Response.WriteAsJsonAsync(new { keyId = "1", signedBlob = Convert.ToBase64String(signature) });
    }

    private string NewToken()
    {
        var token = Guid.NewGuid().ToString("n");
        tokens[token] = true;
        return token;
    }

    private bool IsKnown(GcsRequest request) =>
        request.Http.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var token] && tokens.ContainsKey(token);

    private static byte[] FromBase64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}

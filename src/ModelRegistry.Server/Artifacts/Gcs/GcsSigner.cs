using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Signs addresses by Google's V4 scheme: with the key of a service account if it is here, else by asking IAM, which holds it.</summary>
internal sealed class GcsSigner(GcsClient client)
{
    private const string Algorithm = "GOOG4-RSA-SHA256";

    /// <summary>As long as Google lets a signature live.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    /// <param name="method">The one method that is allowed.</param>
    /// <param name="bucket">Name of the bucket.</param>
    /// <param name="key">Name of the object.</param>
    /// <param name="parameters">Further parameters of the address.</param>
    /// <param name="lifetime">How long it can be used.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="StoreException">The credentials cannot sign.</exception>
    public async Task<string> SignAsync(
        HttpMethod method, string bucket, string key, IReadOnlyDictionary<string, string> parameters, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        if (lifetime > MaxLifetime || lifetime < TimeSpan.FromSeconds(1))
            throw ApiException.Invalid("A signed address can be valid for one second to seven days.");
        var account = await AccountAsync(cancellationToken);
        var time = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/auto/storage/goog4_request";
        var path = GcsAddresses.XmlPath(bucket, key);
        var query = Query(parameters, account, scope, time, lifetime);
        var host = new Uri(client.Addresses.Endpoint).Authority;
        var request = $"{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD";
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)));
        var signature = await SignAsync(account, Encoding.UTF8.GetBytes($"{Algorithm}\n{time}\n{scope}\n{digest}"), cancellationToken);
        return $"{client.Addresses.Endpoint}{path}?{query}&X-Goog-Signature={Convert.ToHexStringLower(Convert.FromBase64String(signature))}";
    }

    private string Query(IReadOnlyDictionary<string, string> parameters, string account, string scope, string time, TimeSpan lifetime)
    {
        var all = new SortedDictionary<string, string>(parameters.ToDictionary(), StringComparer.Ordinal)
        {
            ["X-Goog-Algorithm"] = Algorithm,
            ["X-Goog-Credential"] = $"{account}/{scope}",
            ["X-Goog-Date"] = time,
            ["X-Goog-Expires"] = ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            ["X-Goog-SignedHeaders"] = "host",
        };
        if (client.Options.UserProject is { } project)
            all["userProject"] = project;
        return string.Join('&', all.Select(pair => $"{GcsAddresses.Escape(pair.Key)}={GcsAddresses.Escape(pair.Value)}"));
    }

    private async Task<string> AccountAsync(CancellationToken cancellationToken)
    {
        if (client.Http.Credentials.IsAnonymous)
            throw new StoreException("Addresses of an emulator of Google Cloud Storage cannot be signed: there are no credentials.", isTemporary: false);
        return await client.Http.Credentials.FindEmailAsync(cancellationToken)
            ?? throw new StoreException(
                "The Google credentials of this server are no service account and cannot sign addresses. "
                + "Name an account that they may sign for with --gcs-signing-account.", isTemporary: false);
    }

    private async Task<string> SignAsync(string account, byte[] text, CancellationToken cancellationToken)
    {
        if (await client.Http.Credentials.FindKeyAsync(cancellationToken) is { } key)
            return await key.SignBlobAsync(text, cancellationToken);
        var address = GcsAddresses.Parse($"{client.Options.IamEndpoint.TrimEnd('/')}/v1/projects/-/serviceAccounts/{GcsAddresses.Escape(account)}:signBlob");
        var body = JsonSerializer.SerializeToUtf8Bytes(new SignBlobRequest(Convert.ToBase64String(text)), GcsJson.Default.SignBlobRequest);
        var signed = await client.Http.ReadAsync(
            new GcsCall($"service account '{account}'", "iam.serviceAccounts.signBlob (role Service Account Token Creator on that account)"),
            () => new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            },
            GcsJson.Default.SignBlobResponse,
            cancellationToken);
        return signed!.SignedBlob;
    }
}

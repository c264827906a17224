using Google.Cloud.Storage.V1;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Signs addresses: with the key of a service account if it is here, else by asking IAM, which holds it.</summary>
internal sealed class GcsSigner(GcsClient client)
{
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
        var signer = await FindSignerAsync(cancellationToken);
        var endpoint = new Uri(client.Addresses.Endpoint);
        var request = UrlSigner.RequestTemplate.FromBucket(bucket).WithObjectName(key).WithHttpMethod(method).WithQueryParameters(Query(parameters));
        // The port is given as a part of the host: an option of its own would leave it out of what is signed, and clients send it.
        var options = UrlSigner.Options.FromDuration(lifetime).WithScheme(endpoint.Scheme).WithHost(endpoint.Authority);
        var call = GcsCall.OfBucket(bucket, "iam.serviceAccounts.signBlob");
        var url = await client.CallAsync(call, () => signer.SignAsync(request, options, cancellationToken));
        // What is signed begins behind the host, so a path that the endpoint has itself can go before it.
        return client.Addresses.Endpoint + url[$"{endpoint.Scheme}://{endpoint.Authority}".Length..];
    }

    private IEnumerable<KeyValuePair<string, IEnumerable<string>>> Query(IReadOnlyDictionary<string, string> parameters)
    {
        var all = client.Options.UserProject is { } project ? parameters.Append(new("userProject", project)) : parameters;
        return all.Select(pair => new KeyValuePair<string, IEnumerable<string>>(pair.Key, [pair.Value]));
    }

    private async Task<UrlSigner> FindSignerAsync(CancellationToken cancellationToken)
    {
        if (client.Credentials.IsAnonymous)
            throw new StoreException("Addresses of an emulator of Google Cloud Storage cannot be signed: there are no credentials.", isTemporary: false);
        var account = await client.Credentials.FindEmailAsync(cancellationToken)
            ?? throw new StoreException(
                "The Google credentials of this server are no service account and cannot sign addresses. "
                + "Name an account that they may sign for with --gcs-signing-account.", isTemporary: false);
        return await client.Credentials.FindKeyAsync(cancellationToken) is { } key
            ? UrlSigner.FromCredential(key)
            : UrlSigner.FromBlobSigner(new GcsIamSigner(client, account));
    }
}

using System.Net.Http.Headers;
using System.Text.Json;
using Google.Cloud.Storage.V1;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>
/// Signs by <c>signBlob</c> of IAM, as an account whose key Google holds. The library does so for some kinds of credentials, not for
/// <c>external_account</c> or an account that is named beside them, and always at IAM's public address.
/// </summary>
internal sealed class GcsIamSigner(GcsClient client, string account) : UrlSigner.IBlobSigner
{
    public string Id => account;

    public string Algorithm => "GOOG4-RSA-SHA256";

    /// <exception cref="NotSupportedException">Always: nobody here waits for the network with a thread.</exception>
    public string CreateSignature(byte[] data, UrlSigner.BlobSignerParameters parameters) => throw new NotSupportedException();

    public async Task<string> CreateSignatureAsync(byte[] data, UrlSigner.BlobSignerParameters parameters, CancellationToken cancellationToken)
    {
        var call = new GcsCall($"service account '{account}'", "iam.serviceAccounts.signBlob (role Service Account Token Creator on that account)");
        var address = GcsAddresses.Parse($"{client.Options.IamEndpoint.TrimEnd('/')}/v1/projects/-/serviceAccounts/{GcsAddresses.Escape(account)}:signBlob");
        var body = JsonSerializer.Serialize(new SignBlobRequest(Convert.ToBase64String(data)), GcsJson.Default.SignBlobRequest);
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
        };
        using var response = await client.SendAsync(call, request, cancellationToken);
        var signed = await response.Content.ReadFromJsonAsync(GcsJson.Default.SignBlobResponse, cancellationToken);
        return signed!.SignedBlob;
    }
}

using System.Net;
using Google.Apis.Http;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>Gives the library its connections.</summary>
internal sealed class GcsHttpClientFactory(GcsRetry retry) : HttpClientFactory
{
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new GcsRetryHandler(retry, new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        // What was stored compressed comes as it is stored.
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    });
}

using System.Security.Cryptography.X509Certificates;
using WireMock.Logging;
using WireMock.Server;
using WireMock.Settings;

namespace ModelRegistry.Tests;

/// <summary>WireMock on a free port of 127.0.0.1; without an address it would listen on all that the machine has.</summary>
internal static class Mock
{
    /// <param name="certificate">For HTTPS; plain HTTP without it.</param>
    public static WireMockServer Start(X509Certificate2? certificate = null) => WireMockServer.Start(new WireMockServerSettings
    {
        Urls = [certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0"],
        CertificateSettings = certificate is null ? null : new WireMockCertificateSettings { X509Certificate = certificate },
        Logger = new WireMockNullLogger(),

        // Bodies are compared as they were sent.
        DisableJsonBodyParsing = true,
    });
}

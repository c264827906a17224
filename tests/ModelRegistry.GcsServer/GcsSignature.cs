using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.GcsServer;

/// <summary>Checks addresses that were signed by the V4 scheme.</summary>
internal static class GcsSignature
{
    /// <exception cref="GcsException">It is not signed by this key, for this method and address, or no longer valid.</exception>
    public static void Check(GcsRequest request, RSA key)
    {
        var started = DateTime.ParseExact(
            request.Parameter("X-Goog-Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        if (started.AddSeconds(int.Parse(request.Parameter("X-Goog-Expires"), CultureInfo.InvariantCulture)) < DateTime.UtcNow)
            throw new GcsException(400, "ExpiredToken", "The provided token has expired.");
        var isGenuine = request.Parameter("X-Goog-SignedHeaders") == "host"
            && key.VerifyData(
                Encoding.UTF8.GetBytes(StringToSign(request)), Convert.FromHexString(request.Parameter("X-Goog-Signature")),
                HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (!isGenuine)
            throw new GcsException(403, "SignatureDoesNotMatch", "Access denied. The request signature we calculated does not match the signature you provided.");
    }

    /// <summary>Path and parameters are taken apart and put together again, so that they are right only in their one canonical form.</summary>
    private static string StringToSign(GcsRequest request)
    {
        var path = "/" + string.Join('/', request.Path.Split('/').Skip(1).Select(part => Uri.EscapeDataString(Uri.UnescapeDataString(part))));
        var query = string.Join('&', request.Query.Where(pair => pair.Key != "X-Goog-Signature")
            .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var canonical = $"{request.Method}\n{path}\n{query}\nhost:{request.Http.Request.Host}\n\nhost\nUNSIGNED-PAYLOAD";
        var scope = request.Parameter("X-Goog-Credential").Split('/', 2)[1];
        return $"GOOG4-RSA-SHA256\n{request.Parameter("X-Goog-Date")}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
    }
}

using System.Globalization;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>Signs every try of a request with the account's key ("Shared Key").</summary>
internal sealed class AzureKeyPolicy(AzureKey key) : HttpPipelineSynchronousPolicy
{
    /// <summary>Property of the message: the account's name.</summary>
    public const string Account = "ModelRegistry.AzureAccount";

    private static readonly string[] Signed =
    [
        "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match",
        "If-Unmodified-Since", "Range",
    ];

    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        request.Headers.SetValue("x-ms-date", DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture));
        var account = message.TryGetProperty(Account, out var name) ? (string)name! : "";
        request.Headers.SetValue("Authorization", $"SharedKey {account}:{key.Sign(TextOf(request, account))}");
    }

    private static string TextOf(Request request, string account)
    {
        var text = new StringBuilder(request.Method.Method).Append('\n');
        foreach (var name in Signed)
        {
            var value = request.Headers.TryGetValue(name, out var found) ? found : "";
            text.Append(name == "Content-Length" && value == "0" ? "" : value).Append('\n');
        }

        foreach (var header in request.Headers.Where(header => header.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(header => header.Name.ToLowerInvariant(), StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{header.Name.ToLowerInvariant()}:{header.Value}\n");
        var url = request.Uri.ToUri();
        text.Append(CultureInfo.InvariantCulture, $"/{account}{url.AbsolutePath}");
        var query = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2));
        foreach (var pair in query.OrderBy(pair => pair[0], StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"\n{Uri.UnescapeDataString(pair[0])}:{Uri.UnescapeDataString(pair.ElementAtOrDefault(1) ?? "")}");
        return text.ToString();
    }
}

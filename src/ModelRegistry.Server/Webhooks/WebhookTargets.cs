using System.Net;
using System.Net.Sockets;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Webhooks;

/// <summary>Where webhooks may point. The check is made when a webhook is stored and again, on the very address, when it is called.</summary>
internal sealed class WebhookTargets(ServerOptions options)
{
    private readonly WebhookOptions rules = options.Webhooks;

    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE, with MLflow's text.</exception>
    public async Task CheckAsync(string url, CancellationToken cancellationToken)
    {
        var host = CheckForm(url);
        if (!rules.AllowPrivateAddresses)
            await ResolveAsync(host, cancellationToken);
    }

    /// <summary>Checks all but the address.</summary>
    /// <returns>The host.</returns>
    public string CheckForm(string url)
    {
        if (string.IsNullOrWhiteSpace(url))
            throw ApiException.Invalid($"Webhook URL cannot be empty or just whitespace: {PythonText.Repr(url)}");
        var parts = PythonUrl.Parse(url);
        if (!rules.AllowedSchemes.Contains(parts.Scheme))
        {
            throw ApiException.Invalid(
                $"Invalid webhook URL scheme: {PythonText.Repr(parts.Scheme)}. Allowed schemes are: {string.Join(", ", rules.AllowedSchemes)}.");
        }

        if (parts.Host is not { } host)
            throw ApiException.Invalid($"Webhook URL must include a hostname: {PythonText.Repr(url)}");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw ApiException.Invalid($"Invalid webhook URL {PythonText.Repr(url)}");
        return host;
    }

    /// <summary>All addresses of a host, each of which may be called.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE: one of them may not, or there is none.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = await LookUpAsync(host, cancellationToken);
        if (!rules.AllowPrivateAddresses && Array.Find(addresses, address => !PublicAddress.Is(address)) is { } refused)
        {
            throw ApiException.Invalid(
                $"Webhook URL must not resolve to a non-public IP address. {PythonText.Repr(host)} resolves to {refused}.");
        }

        return addresses;
    }

    private static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            var reason = e is SocketException { SocketErrorCode: SocketError.TryAgain }
                ? "[Errno -3] Temporary failure in name resolution"
                : "[Errno -2] Name or service not known";
            throw ApiException.Invalid($"Cannot resolve webhook URL hostname {PythonText.Repr(host)}: {reason}");
        }
    }
}

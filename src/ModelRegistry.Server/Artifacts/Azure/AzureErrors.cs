using System.Net.Sockets;
using Azure;
using Azure.Core;
using Azure.Identity;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>What a failure of Azure means to the operator.</summary>
internal static class AzureErrors
{
    /// <summary>The answers that no caller can deal with.</summary>
    public static StoreException? Find(Response answer, AzureContainer container, AzureRequest request)
    {
        var code = answer.Headers.TryGetValue("x-ms-error-code", out var said) ? said : "";
        var place = $"the container '{container.Name}' of '{container.Account}'";
        return (answer.Status, code) switch
        {
            (404, "ContainerNotFound" or "ResourceNotFound") => Wrong($"There is no such place as {place}. Create the container, or correct the artifact location."),
            (404, "ContainerBeingDeleted") or (409, "ContainerBeingDeleted") => Wrong($"Azure is deleting {place}."),
            (403, "AuthenticationFailed" or "InvalidAuthenticationInfo") or (401, _) => Wrong(
                $"Azure does not accept the credentials for {place}. Check the key, the SAS token (its end and its account) or the identity, and the clock of this machine."),
            (403, "AuthorizationFailure") => Wrong($"The firewall of the storage account '{container.Account}' does not let this server in, or the account refuses its kind of credential."),
            (403, "KeyBasedAuthenticationNotPermitted") => Wrong($"The storage account '{container.Account}' refuses account keys. Unset the key and give this server an identity with a role."),
            (403, _) => Wrong($"Azure denies access to {place} ({code}). The identity needs the role '{request.Needs}' on it, or the SAS token the permissions racwdl."),
            (409, "BlobArchived") => Wrong("The file is archived and has to be rehydrated before it can be read."),
            (408 or 429 or >= 500, _) => new StoreException($"Azure failed on {place} again and again ({answer.Status} {code}).", isTemporary: true),
            _ => null,
        };
    }

    /// <returns>null for exceptions that do not come from the pipeline.</returns>
    public static StoreException? Translate(Exception exception, AzureContainer container, CancellationToken cancellationToken) => exception switch
    {
        CredentialUnavailableException e => new StoreException(
            "There are no credentials for Azure. Set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCESS_KEY, or give this server a managed or workload identity. "
            + $"({FirstLine(e)})", isTemporary: false, e),
        AuthenticationFailedException e => new StoreException($"Azure gives this server no token: {FirstLine(e)}", isTemporary: false, e),
        RequestFailedException or HttpRequestException or SocketException => Unreachable(exception, container),
        AggregateException { InnerExceptions: [.., var last] } when Translate(last, container, cancellationToken) is { } failure => failure,
        OperationCanceledException when !cancellationToken.IsCancellationRequested => Unreachable(exception, container),
        _ => null,
    };

    private static StoreException Unreachable(Exception e, AzureContainer container) =>
        new($"Azure cannot be reached at {container.Url.GetLeftPart(UriPartial.Authority)}: {FirstLine(e)} Check the network and the name of the account.", isTemporary: true, e);

    private static StoreException Wrong(string message) => new(message, isTemporary: false);

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].Trim();
}

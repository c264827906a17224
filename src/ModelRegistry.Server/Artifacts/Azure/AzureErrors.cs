using System.Net.Sockets;
using Azure;
using Azure.Identity;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>What a failure of Azure means to the operator.</summary>
internal static class AzureErrors
{
    /// <returns>null for exceptions that do not come from the library.</returns>
    public static Exception? Translate(Exception exception, AzureCall call, CancellationToken cancellationToken) => exception switch
    {
        CredentialUnavailableException e => new StoreException(
            "There are no credentials for Azure. Set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCESS_KEY, or give this server a managed or workload identity. "
            + $"({FirstLine(e)})", isTemporary: false, e),
        AuthenticationFailedException e => new StoreException($"Azure gives this server no token: {FirstLine(e)}", isTemporary: false, e),
        RequestFailedException { Status: > 0 } e => AnswerOf(e, call),
        RequestFailedException or HttpRequestException or SocketException => Unreachable(exception, call.Container),
        // The library's own retries throw all failures at once.
        AggregateException { InnerExceptions: [.., var last] } => Translate(last, call, cancellationToken),
        OperationCanceledException when !cancellationToken.IsCancellationRequested => Unreachable(exception, call.Container),
        _ => null,
    };

    private static Exception AnswerOf(RequestFailedException e, AzureCall call)
    {
        var container = call.Container;
        var place = $"the container '{container.Name}' of '{container.Account}'";
        return (e.Status, e.ErrorCode) switch
        {
            (404, "ContainerNotFound" or "ResourceNotFound") => Wrong($"There is no such place as {place}. Create the container, or correct the artifact location.", e),
            (404 or 409, "ContainerBeingDeleted") => Wrong($"Azure is deleting {place}.", e),
            (403, "AuthenticationFailed" or "InvalidAuthenticationInfo") or (401, _) => Wrong(
                $"Azure does not accept the credentials for {place}. Check the key, the SAS token (its end and its account) or the identity, and the clock of this machine.", e),
            (403, "AuthorizationFailure") => Wrong($"The firewall of the storage account '{container.Account}' does not let this server in, or the account refuses its kind of credential.", e),
            (403, "KeyBasedAuthenticationNotPermitted") => Wrong($"The storage account '{container.Account}' refuses account keys. Unset the key and give this server an identity with a role.", e),
            (403, _) => Wrong($"Azure denies access to {place} ({e.ErrorCode}). The identity needs the role '{call.Role}' on it, or the SAS token the permissions racwdl.", e),
            (409, "BlobArchived") => Wrong("The file is archived and has to be rehydrated before it can be read.", e),
            (408 or 429 or >= 500, _) => new StoreException($"Azure failed on {place} again and again ({e.Status} {e.ErrorCode}).", isTemporary: true, e),
            _ => call.Meaning(e) ?? new StoreException($"{call.Refusal} ({e.Status} {e.ErrorCode}).", isTemporary: e.ErrorCode is "Md5Mismatch", e),
        };
    }

    private static StoreException Unreachable(Exception e, AzureContainer container) =>
        new($"Azure cannot be reached at {container.Url.GetLeftPart(UriPartial.Authority)}: {FirstLine(e)} Check the network and the name of the account.", isTemporary: true, e);

    private static StoreException Wrong(string message, Exception inner) => new(message, isTemporary: false, inner);

    private static string FirstLine(Exception e) => e.Message.Split('\n', 2)[0].Trim();
}

using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>The account that this server is to Google: found when it is first needed, from a file, the environment or the machine.</summary>
internal sealed class GcsCredentials(GcsOptions options)
{
    /// <summary>What may be done is decided by the permissions of the account; a narrower scope could not sign through IAM.</summary>
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private GoogleCredential? found;

    /// <summary>Whether requests go to an emulator, without credentials.</summary>
    public bool IsAnonymous => options.EmulatorHost is not null;

    /// <summary>A token that is valid now.</summary>
    /// <exception cref="StoreException">There are no credentials, or they are not accepted.</exception>
    public async Task<string> GetTokenAsync(string uri, CancellationToken cancellationToken)
    {
        var credential = await FindAsync(cancellationToken);
        return await ExchangeAsync(() => ((ITokenAccess)credential).GetAccessTokenForRequestAsync(uri, cancellationToken));
    }

    /// <summary>Fetches a new token although the old one should do.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if ((await FindAsync(cancellationToken)).UnderlyingCredential is ServiceCredential renewable)
            await ExchangeAsync(() => renewable.RequestAccessTokenAsync(cancellationToken));
    }

    /// <summary>The service account whose name signatures carry.</summary>
    /// <returns>null when the credentials are not a service account.</returns>
    public async Task<string?> FindEmailAsync(CancellationToken cancellationToken)
    {
        if (options.SigningAccount is { } configured)
            return configured;
        return (await FindAsync(cancellationToken)).UnderlyingCredential switch
        {
            ServiceAccountCredential account => account.Id,
            ExternalAccountCredential { ServiceAccountImpersonationUrl: { } url } => AccountIn(url),
            ImpersonatedCredential impersonated => impersonated.TargetPrincipal,
            ComputeCredential machine => await ExchangeAsync(() => machine.GetDefaultServiceAccountEmailAsync(cancellationToken)),
            _ => null,
        };
    }

    /// <summary>The credential that signs by itself, without asking Google; null when there is no such key here.</summary>
    public async Task<IBlobSigner?> FindKeyAsync(CancellationToken cancellationToken) =>
        (await FindAsync(cancellationToken)).UnderlyingCredential is ServiceAccountCredential { Key: not null } account
        && (options.SigningAccount ?? account.Id) == account.Id
            ? account
            : null;

    /// <summary>The account as far as it is known without asking anybody, for messages.</summary>
    public string? Principal => options.SigningAccount ?? found?.UnderlyingCredential switch
    {
        ServiceAccountCredential account => account.Id,
        ImpersonatedCredential impersonated => impersonated.TargetPrincipal,
        _ => null,
    };

    private static string? AccountIn(string impersonationUrl)
    {
        const string before = "/serviceAccounts/";
        var start = impersonationUrl.IndexOf(before, StringComparison.Ordinal);
        var end = impersonationUrl.LastIndexOf(':');
        return start < 0 || end < start ? null : impersonationUrl[(start + before.Length)..end];
    }

    /// <summary>The operator has named the file, so every kind of credentials is meant that it may hold.</summary>
    private static async Task<string> KindAsync(string file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        using var document = await JsonDocument.ParseAsync(content, cancellationToken: cancellationToken);
        return document.RootElement.GetProperty("type").GetString() ?? "";
    }

    private static async Task<T> ExchangeAsync<T>(Func<Task<T>> exchange)
    {
        try
        {
            return await exchange();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StoreException(
                $"Google gives no access token for the credentials of this server: {e.Message} Check GOOGLE_APPLICATION_CREDENTIALS and the account.",
                isTemporary: e is HttpRequestException, e);
        }
    }

    private async Task<GoogleCredential> FindAsync(CancellationToken cancellationToken)
    {
        if (found is { } known)
            return known;
        try
        {
            var credential = options.CredentialsFile is { } file
                ? await CredentialFactory.FromFileAsync(file, await KindAsync(file, cancellationToken), cancellationToken)
                : await GoogleCredential.GetApplicationDefaultAsync(cancellationToken);
            return found = credential.CreateScoped(Scope);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var what = options.CredentialsFile is { } file ? $"The Google credentials in '{file}' cannot be used" : "There are no Google credentials";
            throw new StoreException(
                $"{what}: set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account key or of a workload identity, "
                + $"or run on a machine of Google Cloud with a service account. ({e.Message})", isTemporary: false, e);
        }
    }
}

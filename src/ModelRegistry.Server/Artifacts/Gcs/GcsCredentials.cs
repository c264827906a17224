using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>The account that this server is to Google: found when it is first needed, from a file, the environment or the machine.</summary>
internal sealed class GcsCredentials(GcsOptions options) : IConfigurableHttpClientInitializer, IHttpExecuteInterceptor, IHttpUnsuccessfulResponseHandler
{
    public const string UserAgent = "ModelRegistry";

    private const string PayingProject = "x-goog-user-project";

    /// <summary>What may be done is decided by the permissions of the account; a narrower scope could not sign through IAM.</summary>
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private GoogleCredential? found;

    /// <summary>Whether requests go to an emulator, without credentials.</summary>
    public bool IsAnonymous => options.EmulatorHost is not null;

    /// <summary>Attaches itself to the requests of the library, in place of a credential that would have to be found before the first one.</summary>
    public void Initialize(ConfigurableHttpClient httpClient)
    {
        httpClient.MessageHandler.AddExecuteInterceptor(this);
        httpClient.MessageHandler.AddUnsuccessfulResponseHandler(this);
    }

    /// <summary>Adds a token that is valid now.</summary>
    /// <exception cref="StoreException">There are no credentials, or they are not accepted.</exception>
    public async Task InterceptAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The library's name of itself says gzip, with which Google's front ends compress answers on the way: sizes and checksums are those of stored bytes.
        request.Headers.UserAgent.Clear();
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue(UserAgent, null));
        if (options.UserProject is { } project)
        {
            request.Headers.Remove(PayingProject);
            request.Headers.TryAddWithoutValidation(PayingProject, project);
        }

        if (IsAnonymous)
            return;
        var credential = await FindAsync(cancellationToken);
        var uri = request.RequestUri!.GetLeftPart(UriPartial.Authority);
        var token = await ExchangeAsync(() => ((ITokenAccess)credential).GetAccessTokenForRequestAsync(uri, cancellationToken));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Fetches a new token, once for each request, when Google does not accept one that should do.</summary>
    /// <returns>Whether the request is to be sent again.</returns>
    public async Task<bool> HandleResponseAsync(HandleUnsuccessfulResponseArgs args)
    {
        if (args.Response.StatusCode != HttpStatusCode.Unauthorized || args.CurrentFailedTry > 1 || IsAnonymous)
            return false;
        if ((await FindAsync(args.CancellationToken)).UnderlyingCredential is ServiceCredential renewable)
            await ExchangeAsync(() => renewable.RequestAccessTokenAsync(args.CancellationToken));
        return true;
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
    public async Task<ServiceAccountCredential?> FindKeyAsync(CancellationToken cancellationToken) =>
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

namespace ModelRegistry.Server.Hosting;

/// <summary>What <c>serve</c> was told about Google Cloud Storage.</summary>
internal sealed record GcsOptions
{
    /// <summary>File with credentials of any kind that Google's tools write; null looks where application default credentials are.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>Project that pays for requests to a bucket whose requesters pay.</summary>
    public string? UserProject { get; init; }

    /// <summary>E-mail of the service account that signs addresses, when the credentials are not one themselves.</summary>
    public string? SigningAccount { get; init; }

    /// <summary>Where the API is.</summary>
    public string Endpoint { get; init; } = "https://storage.googleapis.com";

    /// <summary>Where the API is that signs with keys that Google holds.</summary>
    public string IamEndpoint { get; init; } = "https://iamcredentials.googleapis.com";

    /// <summary>Address of an emulator; it is called instead of <see cref="Endpoint"/> and without credentials.</summary>
    public string? EmulatorHost { get; init; }

    /// <summary>Pause before the first repetition of a failed call; each further one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where requests go: without a slash at the end.</summary>
    public string EffectiveEndpoint => (EmulatorHost switch
    {
        null => Endpoint,
        _ when EmulatorHost.Contains("://", StringComparison.Ordinal) => EmulatorHost,
        _ => $"http://{EmulatorHost}",
    }).TrimEnd('/');
}

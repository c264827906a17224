namespace ModelRegistry.Server.Hosting;

/// <summary>What <c>serve</c> was told about webhooks; the variables are MLflow's.</summary>
internal sealed record WebhookOptions
{
    private static readonly string[] SecureSchemes = ["https"];

    /// <summary>
    /// Send what is recorded. Off unless the command line says otherwise, so that a server that is built in a test never calls out.
    /// </summary>
    public bool Deliver { get; init; }

    public IReadOnlyList<string> AllowedSchemes { get; init; } = SecureSchemes;

    /// <summary>Let webhooks reach loopback, private and link-local addresses.</summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>Fernet key for the secrets of webhooks: 32 bytes in URL-safe base64; null makes one that is lost with the process.</summary>
    public string? SecretEncryptionKey { get; init; }

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts after the first one, before an event is given up: with the growing delays about five minutes. MLflow stops after three.</summary>
    public int MaxRetries { get; init; } = 10;

    /// <summary>Attempts that run at the same time.</summary>
    public int MaxWorkers { get; init; } = 10;
}

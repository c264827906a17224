using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// Encrypts the secrets of webhooks at rest. Without MLflow's variable the key is a new one for each process, as it is there: a secret
/// stored under it is lost when the server stops.
/// </summary>
internal sealed class WebhookSecrets(Fernet fernet, bool isKeyKept, TimeProvider time)
{
    public const string Variable = "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY";

    /// <summary>Whether a secret stored now can be read by the next process.</summary>
    public bool IsKeyKept => isKeyKept;

    /// <exception cref="StartupException">The key is not a Fernet key.</exception>
    public static WebhookSecrets Of(WebhookOptions options, TimeProvider time) =>
        options.SecretEncryptionKey is { } key
            ? new WebhookSecrets(Parse(key), isKeyKept: true, time)
            : new WebhookSecrets(Fernet.WithNewKey(), isKeyKept: false, time);

    /// <summary>For the start, which refuses before it touches a database.</summary>
    /// <exception cref="StartupException">The key is not a Fernet key.</exception>
    public static void Check(WebhookOptions options)
    {
        if (options.SecretEncryptionKey is { } key)
            Parse(key);
    }

    private static Fernet Parse(string key) => Fernet.TryParse(key) ?? throw new StartupException(
        $"{Variable} is not a Fernet key: 32 bytes in URL-safe base64, 44 characters. "
        + "Make one with: head -c 32 /dev/urandom | base64 | tr '+/' '-_'");

    public string? Encrypt(string? secret) => secret is null ? null : fernet.Encrypt(secret, time.GetUtcNow());

    /// <summary>False when the stored secret was encrypted with another key; a webhook without a secret has none to read.</summary>
    public bool TryDecrypt(string? stored, out string? secret)
    {
        secret = stored is null ? null : fernet.TryDecrypt(stored);
        return stored is null || secret is not null;
    }
}

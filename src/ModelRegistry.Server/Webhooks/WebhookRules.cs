using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Webhooks;

/// <summary>What a webhook must look like, apart from where it may point.</summary>
internal static partial class WebhookRules
{
    public const string Active = "ACTIVE";
    public const string Disabled = "DISABLED";

    public static void CheckName(string name)
    {
        if (!Name().IsMatch(name))
        {
            throw ApiException.Invalid(
                $"Webhook name {PythonText.Repr(name)} is invalid. It must start and end with a letter or digit, be less than 63 characters long, "
                + "and contain only letters, digits, dots (.), underscores (_), and hyphens (-).");
        }
    }

    public static void CheckEvents(IReadOnlyCollection<WebhookEvent> events)
    {
        if (events.Count == 0)
            throw ApiException.Invalid("Webhook events must be a non-empty list of WebhookEvent objects: [].");
    }

    /// <summary>An unknown word, like none at all, reads as MLflow's default.</summary>
    public static string ParseStatus(string? status) => status == Disabled ? Disabled : Active;

    public static ApiException NotFound(string webhookId) => ApiException.NotFound($"Webhook with ID {webhookId} not found.");

    [GeneratedRegex(@"\A[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?\z")]
    private static partial Regex Name();
}

using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Webhooks;

/// <summary>What happened to what, in the lower-case words of the database and of the payload: <c>model_version</c>, <c>created</c>.</summary>
internal sealed record WebhookEvent(string Entity, string Action)
{
    private static readonly Dictionary<string, string[]> ActionsOf = new()
    {
        ["registered_model"] = ["created"],
        ["model_version"] = ["created"],
        ["model_version_tag"] = ["deleted", "set"],
        ["model_version_alias"] = ["created", "deleted"],
        ["prompt"] = ["created"],
        ["prompt_version"] = ["created"],
        ["prompt_tag"] = ["deleted", "set"],
        ["prompt_version_tag"] = ["deleted", "set"],
        ["prompt_alias"] = ["created", "deleted"],
        ["budget_policy"] = ["exceeded"],
    };

    private static readonly string[] Actions = ["created", "updated", "deleted", "set", "exceeded"];

    /// <summary>All pairs that a webhook can ask for.</summary>
    public static IEnumerable<WebhookEvent> All => ActionsOf.SelectMany(pair => pair.Value, (pair, action) => new WebhookEvent(pair.Key, action));

    /// <summary>Reads the upper-case names of the wire.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE: an unknown name, or words that do not go together.</exception>
    public static WebhookEvent Parse(string? entity, string? action)
    {
        var (lowerEntity, lowerAction) = (Lower(entity), Lower(action));
        if (!ActionsOf.TryGetValue(lowerEntity, out var valid))
            throw ApiException.Invalid($"Unknown webhook entity {PythonText.Repr(entity ?? "")}.");
        if (!Actions.Contains(lowerAction))
            throw ApiException.Invalid($"Unknown webhook action {PythonText.Repr(action ?? "")}.");
        return valid.Contains(lowerAction)
            ? new WebhookEvent(lowerEntity, lowerAction)
            : throw ApiException.Invalid(
                $"Invalid action '{lowerAction}' for entity '{lowerEntity}'. Valid actions are: {PythonText.Repr(valid)}");
    }

    private static string Lower(string? name) => name?.ToLowerInvariant() ?? "";
}

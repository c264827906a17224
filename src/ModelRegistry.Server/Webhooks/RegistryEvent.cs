namespace ModelRegistry.Server.Webhooks;

/// <summary>
/// A change of the registry that webhooks can ask for. Models and prompts share their tables, not their events: which of the two it was,
/// the change knows itself or the database tells.
/// </summary>
/// <param name="Model">Name of the model or prompt; what happens to one is delivered in order.</param>
/// <param name="WhenModel">The event when it was a model; null when nobody is told then.</param>
/// <param name="IsPrompt">Null when the database has to be asked.</param>
/// <param name="Data">The event's own part of the payload, in MLflow's order.</param>
internal sealed record RegistryEvent(
    string Workspace, string Model, WebhookEvent? WhenModel, WebhookEvent WhenPrompt, bool? IsPrompt, params (string Key, object? Value)[] Data)
{
    /// <summary>Marks a registered model as a prompt.</summary>
    public const string PromptTag = "mlflow.prompt.is_prompt";

    private const string PromptTypeTag = "_mlflow_prompt_type";
    private const string PromptTextTag = "mlflow.prompt.text";

    public static readonly WebhookEvent ModelVersionCreated = new("model_version", "created");
    public static readonly WebhookEvent PromptVersionCreated = new("prompt_version", "created");

    public static RegistryEvent ModelCreated(string workspace, string name, string description, Dictionary<string, string> tags) =>
        new(workspace, name, new("registered_model", "created"), new("prompt", "created"), tags.ContainsKey(PromptTag),
            ("name", name), ("tags", Without(tags, tags.ContainsKey(PromptTag) ? [PromptTag, PromptTypeTag] : [])), ("description", description));

    /// <param name="runId">As the client sent it; null and the empty text for none.</param>
    public static RegistryEvent VersionCreated(
        string workspace, string name, long version, string source, string? runId, string description, Dictionary<string, string> tags)
    {
        var number = version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var isPrompt = tags.ContainsKey(PromptTag);
        (string, object?)[] data = isPrompt
            ?
            [
                ("name", name), ("version", number), ("template", tags.GetValueOrDefault(PromptTextTag)),
                ("tags", Without(tags, [PromptTextTag, PromptTag, PromptTypeTag])), ("description", OrNull(description)),
            ]
            :
            [
                ("name", name), ("version", number), ("source", source), ("run_id", OrNull(runId)), ("tags", tags),
                ("description", OrNull(description)),
            ];
        return new RegistryEvent(workspace, name, ModelVersionCreated, PromptVersionCreated, isPrompt, data);
    }

    public static RegistryEvent ModelTagSet(string workspace, string name, string key, string value) =>
        new(workspace, name, null, new("prompt_tag", "set"), null, ("name", name), ("key", key), ("value", value));

    public static RegistryEvent ModelTagDeleted(string workspace, string name, string key) =>
        new(workspace, name, null, new("prompt_tag", "deleted"), null, ("name", name), ("key", key));

    /// <param name="version">As the client wrote it.</param>
    public static RegistryEvent VersionTagSet(string workspace, string name, string version, string key, string value) =>
        new(workspace, name, new("model_version_tag", "set"), new("prompt_version_tag", "set"), null,
            ("name", name), ("version", version), ("key", key), ("value", value));

    /// <inheritdoc cref="VersionTagSet"/>
    public static RegistryEvent VersionTagDeleted(string workspace, string name, string version, string key) =>
        new(workspace, name, new("model_version_tag", "deleted"), new("prompt_version_tag", "deleted"), null,
            ("name", name), ("version", version), ("key", key));

    /// <inheritdoc cref="VersionTagSet"/>
    public static RegistryEvent AliasSet(string workspace, string name, string alias, string version) =>
        new(workspace, name, new("model_version_alias", "created"), new("prompt_alias", "created"), null,
            ("name", name), ("alias", alias), ("version", version));

    public static RegistryEvent AliasDeleted(string workspace, string name, string alias) =>
        new(workspace, name, new("model_version_alias", "deleted"), new("prompt_alias", "deleted"), null, ("name", name), ("alias", alias));

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Dictionary<string, string> Without(Dictionary<string, string> tags, string[] keys) =>
        tags.Where(tag => !keys.Contains(tag.Key)).ToDictionary();
}

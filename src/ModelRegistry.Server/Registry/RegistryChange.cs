using System.Globalization;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>Every change of the registry that there is.</summary>
internal sealed record RegistryChange : Change
{
    private const string ModelKind = "registered_model";
    private const string VersionKind = "model_version";

    private const string LiveVersion =
        """
        SELECT 'version' AS part, NULL AS "key", NULL AS value FROM model_versions
        WHERE workspace = @workspace AND name = @name AND version = @number AND current_stage <> 'Deleted_Internal'
        """;

    /// <summary>The model that is locked, and whose chain the change is in.</summary>
    public required string Model { get; init; }

    /// <summary>The name it gets; null when it keeps its own.</summary>
    public string? NewName { get; init; }

    /// <summary>Whether the model is not there yet.</summary>
    public bool IsNew { get; init; }

    /// <summary>Whether the time of the model's last change moves.</summary>
    public bool Touches { get; init; }

    /// <summary>Whether the rows of <see cref="Change.Before"/> have to show that the version is there.</summary>
    public bool NeedsVersion { get; init; }

    /// <summary>The answer when what it is about is not there.</summary>
    public required Func<ApiException> Missing { get; init; }

    /// <summary>What webhooks are told, in a workspace; events of one change are of one kind.</summary>
    public Func<string, IReadOnlyList<RegistryEvent>> Events { get; init; } = static _ => [];

    public override string ChainIn(Workspace workspace) => $"registered_model/{workspace.Name}/{Model}";

    public static RegistryChange ModelCreated(string name, string description, Dictionary<string, string> tags) => OfModel("registered_model.create", name) with
    {
        IsNew = true,
        Facts = _ => [new("lifecycle", null, "active"), new("description", null, OrNull(description)), .. tags.Select(tag => new Fact($"tag:{tag.Key}", null, tag.Value))],
        Events = workspace => [RegistryEvent.ModelCreated(workspace, name, description, tags)],
    };

    public static RegistryChange ModelUpdated(string name, string description) => OfModel("registered_model.update", name) with
    {
        Before = """SELECT 'description' AS part, NULL AS "key", description AS value FROM registered_models WHERE workspace = @workspace AND name = @name""",
        Facts = before => [new("description", OrNull(Find(before, "description")), OrNull(description))],
    };

    /// <remarks>The chain of the old name ends with it; the history of the new name begins with it.</remarks>
    public static RegistryChange ModelRenamed(string name, string newName) => OfModel("registered_model.rename", name) with
    {
        NewName = newName,
        Touches = true,
        Facts = _ => [new("name", name, newName, newName)],
    };

    public static RegistryChange ModelDeleted(string name) => OfModel("registered_model.delete", name) with
    {
        Touches = true,
        Facts = _ => [new("lifecycle", "active", "deleted")],
    };

    public static RegistryChange ModelTagSet(string name, string key, string value) => OfModelTag("registered_model_tag.set", name, key, value) with
    {
        Events = workspace => [RegistryEvent.ModelTagSet(workspace, name, key, value)],
    };

    public static RegistryChange ModelTagDeleted(string name, string key) => OfModelTag("registered_model_tag.delete", name, key, null) with
    {
        Events = workspace => [RegistryEvent.ModelTagDeleted(workspace, name, key)],
    };

    /// <param name="number">Not known before the model is locked; the body names the change again then.</param>
    public static RegistryChange VersionCreated(NewModelVersion added, long number = 0) => OfModel("model_version.create", added.Name) with
    {
        Kind = VersionKind,
        Resource = number == 0 ? added.Name : $"{added.Name}/{Text(number)}",
        Touches = true,
        Before =
            """
            SELECT 'highest' AS part, NULL AS "key", CAST(MAX(version) AS CHAR) AS value FROM model_versions
            WHERE workspace = @workspace AND name = @name
            """,
        Facts = _ =>
        [
            new("stage", null, Stages.None), new("source", null, added.Source), new("run_id", null, OrNull(added.RunId)),
            new("description", null, OrNull(added.Description)), .. added.Tags.Select(tag => new Fact($"tag:{tag.Key}", null, tag.Value)),
        ],
        Events = workspace =>
            [RegistryEvent.VersionCreated(workspace, added.Name, number, added.Source, added.GivenRunId, added.Description, added.Tags)],
    };

    public static RegistryChange VersionUpdated(string name, long number, string version, string? description) =>
        OfVersion("model_version.update", name, number, version) with
        {
            Before = LiveVersion +
                """

                UNION ALL
                SELECT 'description', NULL, description FROM model_versions WHERE workspace = @workspace AND name = @name AND version = @number
                """,
            Facts = before => [new("description", OrNull(Find(before, "description")), OrNull(description))],
        };

    public static RegistryChange StageChanged(string name, long number, string version, string stage, bool archiveOthers) =>
        OfVersion("model_version.transition", name, number, version) with
        {
            Touches = true,
            Before = LiveVersion +
                """

                UNION ALL
                SELECT 'stage', CAST(version AS CHAR), current_stage FROM model_versions
                WHERE workspace = @workspace AND name = @name AND version = @number
                """ + (archiveOthers
                ? """

                UNION ALL
                SELECT 'stage', CAST(version AS CHAR), current_stage FROM model_versions
                WHERE workspace = @workspace AND name = @name AND current_stage = @stage AND version <> @number
                """
                : ""),
            Values = [("number", number), ("stage", stage)],
            Facts = before => before.Where(row => row.Part == "stage").Select(row => row.Key == Text(number)
                ? new Fact("stage", row.Value, stage)
                : new Fact("stage", row.Value, "Archived", $"{name}/{row.Key}")),
        };

    public static RegistryChange VersionDeleted(string name, long number, string version) => OfVersion("model_version.delete", name, number, version) with
    {
        Touches = true,
        Before = LiveVersion +
            """

            UNION ALL
            SELECT 'alias', alias, NULL FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND version = @number
            """,
        Facts = before =>
        [
            new("lifecycle", "active", "deleted"),
            .. before.Where(row => row.Part == "alias").Select(row => new Fact($"alias:{row.Key}", Text(number), null, name)),
        ],
    };

    public static RegistryChange VersionTagSet(string name, long number, string version, string key, string value) =>
        OfVersionTag("model_version_tag.set", name, number, version, key, value) with
        {
            Events = workspace => [RegistryEvent.VersionTagSet(workspace, name, version, key, value)],
        };

    public static RegistryChange VersionTagDeleted(string name, long number, string version, string key) =>
        OfVersionTag("model_version_tag.delete", name, number, version, key, null) with
        {
            Events = workspace => [RegistryEvent.VersionTagDeleted(workspace, name, version, key)],
        };

    /// <summary>The verifier has looked at the files of a version.</summary>
    /// <param name="facts">What it changes.</param>
    /// <param name="tags">Those of the facts that are tags, with their new values.</param>
    public static RegistryChange VersionVerified(string name, long number, string version, IReadOnlyList<Fact> facts, IReadOnlyList<(string Key, string Value)> tags) =>
        OfVersion("model_version.verify", name, number, version) with
        {
            Before = LiveVersion,
            Facts = _ => facts,
            Events = workspace => [.. tags.Select(tag => RegistryEvent.VersionTagSet(workspace, name, version, tag.Key, tag.Value))],
        };

    public static RegistryChange AliasSet(string name, long number, string version, string alias) => OfVersion("alias.set", name, number, version) with
    {
        Kind = ModelKind,
        Resource = name,
        Before = LiveVersion + """ UNION ALL SELECT 'alias', alias, CAST(version AS CHAR) FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND alias = @alias""",
        Values = [("number", number), ("alias", alias)],
        Facts = before => [new($"alias:{alias}", Find(before, "alias"), Text(number))],
        Events = workspace => [RegistryEvent.AliasSet(workspace, name, alias, version)],
    };

    public static RegistryChange AliasDeleted(string name, string alias) => OfModel("alias.delete", name) with
    {
        Before = """SELECT 'alias' AS part, alias AS "key", CAST(version AS CHAR) AS value FROM registered_model_aliases WHERE workspace = @workspace AND name = @name AND alias = @alias""",
        Values = [("alias", alias)],
        Facts = before => [new($"alias:{alias}", Find(before, "alias"), null)],
        Events = workspace => [RegistryEvent.AliasDeleted(workspace, name, alias)],
    };

    /// <summary>The value of a part; null when it is not there.</summary>
    public static string? Find(IReadOnlyList<FactRow> before, string part) => before.FirstOrDefault(row => row.Part == part)?.Value;

    private static RegistryChange OfModel(string action, string name) => new()
    {
        Action = action,
        Kind = ModelKind,
        Resource = name,
        Model = name,
        Missing = () => ModelRules.ModelNotFound(name),
        Facts = static _ => [],
    };

    private static RegistryChange OfModelTag(string action, string name, string key, string? value) => OfModel(action, name) with
    {
        Before = """SELECT 'tag' AS part, "key", value FROM registered_model_tags WHERE workspace = @workspace AND name = @name AND "key" = @key""",
        Values = [("key", key)],
        Facts = before => [new($"tag:{key}", Find(before, "tag"), value)],
    };

    /// <param name="version">As the client wrote it, which is how webhooks and refusals show it.</param>
    private static RegistryChange OfVersion(string action, string name, long number, string version) => OfModel(action, name) with
    {
        Kind = VersionKind,
        Resource = $"{name}/{Text(number)}",
        NeedsVersion = true,
        Values = [("number", number)],
        Missing = () => ModelRules.VersionNotFound(name, version),
    };

    private static RegistryChange OfVersionTag(string action, string name, long number, string version, string key, string? value) =>
        OfVersion(action, name, number, version) with
        {
            Before = LiveVersion +
                """

                UNION ALL
                SELECT 'tag', "key", value FROM model_version_tags
                WHERE workspace = @workspace AND name = @name AND version = @number AND "key" = @key
                """,
            Values = [("number", number), ("key", key)],
            Facts = before => [new($"tag:{key}", Find(before, "tag"), value)],
        };

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

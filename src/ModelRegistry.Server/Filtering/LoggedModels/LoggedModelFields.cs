using System.Collections.Frozen;

namespace ModelRegistry.Server.Filtering.LoggedModels;

/// <summary>The attributes of a logged model that a filter or an order can name: columns of its table.</summary>
internal static class LoggedModelFields
{
    public const string CreationTimestamp = "creation_timestamp_ms";
    public const string LastUpdatedTimestamp = "last_updated_timestamp_ms";

    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["creation_time"] = CreationTimestamp,
        ["creation_timestamp"] = CreationTimestamp,
        ["last_updated_timestamp"] = LastUpdatedTimestamp,
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Columns =
    [
        "model_id", "experiment_id", "name", "artifact_location", CreationTimestamp, LastUpdatedTimestamp,
        "status", "lifecycle_stage", "model_type", "source_run_id", "status_message",
    ];

    public static string Canonical(string name) => Aliases.GetValueOrDefault(name, name);

    public static bool IsNumeric(string name) => Canonical(name) is CreationTimestamp or LastUpdatedTimestamp;

    public static bool IsColumn(string name) => Columns.Contains(name);
}

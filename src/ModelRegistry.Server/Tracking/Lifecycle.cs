using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Tracking;

/// <summary>The two stages experiments, runs and logged models can be in, as the database has them.</summary>
internal static class Lifecycle
{
    public const string Active = "active";
    public const string Deleted = "deleted";

    private static readonly string[] ActiveOnly = [Active];
    private static readonly string[] DeletedOnly = [Deleted];
    private static readonly string[] Both = [Active, Deleted];

    public static string[] Of(ViewType? view) => view switch
    {
        ViewType.DeletedOnly => DeletedOnly,
        ViewType.All => Both,
        _ => ActiveOnly,
    };
}

/// <summary>Which stages a search looks at.</summary>
[JsonConverter(typeof(WireEnumConverter<ViewType>))]
internal enum ViewType
{
    ActiveOnly = 1,
    DeletedOnly = 2,
    All = 3,
}

/// <summary>What a run is doing; stored under its wire name.</summary>
[JsonConverter(typeof(WireEnumConverter<RunStatus>))]
internal enum RunStatus
{
    Running = 1,
    Scheduled = 2,
    Finished = 3,
    Failed = 4,
    Killed = 5,
}

internal static class RunStatusNames
{
    /// <summary>As the column <c>status</c> has it.</summary>
    public static string Stored(this RunStatus status) => WireEnumConverter<RunStatus>.NameOf(status);
}

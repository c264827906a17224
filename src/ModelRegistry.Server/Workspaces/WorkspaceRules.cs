using System.Text.RegularExpressions;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Workspaces;

/// <summary>Names and artifact roots of workspaces, and what may be done with the one that is always there.</summary>
internal static partial class WorkspaceRules
{
    private const int MinName = 2;
    private const int MaxName = 63;
    private const string NamePattern = "^(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    private static readonly string[] Reserved = ["workspaces", "api", "ajax-api", "static-files"];

    /// <summary>Checks a name of which <c>default</c> is a good one.</summary>
    public static void CheckName(string name)
    {
        if (name != Workspace.DefaultName)
            CheckOwnName(name);
    }

    public static void CheckNew(string name)
    {
        if (name == Workspace.DefaultName)
            throw ApiException.Invalid("The 'default' workspace is reserved and cannot be created");
        CheckOwnName(name);
    }

    public static void CheckRemovable(string name)
    {
        if (name == Workspace.DefaultName)
            throw ApiException.Invalid("The 'default' workspace is reserved and cannot be deleted");
        CheckOwnName(name);
    }

    /// <returns>null for none given, empty for one to be cleared.</returns>
    public static string? CheckArtifactRoot(string? root, int maxLength)
    {
        if (root?.Trim() is not { Length: > 0 } trimmed)
            return root is null ? null : "";
        ArtifactLocation.Check(trimmed, "default_artifact_root", maxLength);
        return trimmed;
    }

    public static DeletionMode ParseMode(string? mode) => mode switch
    {
        null or "RESTRICT" => DeletionMode.Restrict,
        "SET_DEFAULT" => DeletionMode.SetDefault,
        "CASCADE" => DeletionMode.Cascade,
        _ => throw ApiException.Invalid($"Invalid deletion mode '{mode}'. Must be one of: SET_DEFAULT, CASCADE, RESTRICT"),
    };

    public static ApiException NotFound(string name) => ApiException.NotFound($"Workspace '{name}' not found");

    private static void CheckOwnName(string name)
    {
        if (name.EnumerateRunes().Count() is < MinName or > MaxName)
            throw ApiException.Invalid($"Workspace name '{name}' must be between {MinName} and {MaxName} characters.");
        if (!NameRegex().IsMatch(name))
        {
            throw ApiException.Invalid(
                $"Workspace name '{name}' must match the pattern {NamePattern} (lowercase alphanumeric with optional internal hyphens).");
        }

        if (Reserved.Contains(name))
            throw ApiException.Invalid($"Workspace name '{name}' is reserved and cannot be used.");
    }

    // Not Python's $, which lets a line end follow: such a name could not be sent in a header.
    [GeneratedRegex(@"^(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex NameRegex();
}

/// <summary>What becomes of the contents of a workspace that is deleted.</summary>
internal enum DeletionMode
{
    /// <summary>There must be none.</summary>
    Restrict,

    /// <summary>They move to the default workspace.</summary>
    SetDefault,

    /// <summary>They are deleted for good.</summary>
    Cascade,
}

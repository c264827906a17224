using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Keeps each workspace in its folder of the artifact destination: <c>workspaces/NAME</c>.</summary>
internal static class WorkspaceFolder
{
    private const string Name = "workspaces";

    /// <exception cref="ApiException">The path names another workspace, or that folder of all of them.</exception>
    public static ArtifactPath Scope(string workspace, ArtifactPath path) => path.Segments switch
    {
        [Name] => throw ApiException.Invalid("Artifact paths prefixed with 'workspaces/' must include a workspace name."),
        [Name, var owner, ..] => owner == workspace
            ? path
            : throw ApiException.Invalid(
                $"Artifact path targets workspace '{owner}' but the workspace specified in the request is '{workspace}'."),

        // What was there before there were workspaces stays where it is, and belongs to the default one.
        _ when workspace == Workspace.DefaultName => path,
        _ => ArtifactPath.Parse($"{Name}/{workspace}").Join(path),
    };
}

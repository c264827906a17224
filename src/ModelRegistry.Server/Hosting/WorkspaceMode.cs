using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>What workspaces cannot be combined with.</summary>
internal static class WorkspaceMode
{
    private const string Folder = "workspaces";

    /// <exception cref="StartupException">An option would mix up the workspaces.</exception>
    public static void Check(ServerOptions options)
    {
        if (!options.EnableWorkspaces)
            return;
        if (options.ArtifactsOnly)
            throw new StartupException("--enable-workspaces cannot be combined with --artifacts-only.");
        var root = options.EffectiveArtifactRoot;
        if (root.Split('/', StringSplitOptions.RemoveEmptyEntries) is [.., Folder] or [.., Folder, _])
        {
            throw new StartupException(
                $"--enable-workspaces cannot be combined with the default artifact root '{root}': the server makes folders 'workspaces/NAME' itself. "
                + "Choose another --default-artifact-root.");
        }
    }
}

using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Workspaces;

/// <summary>Finds the workspace that a request names.</summary>
internal sealed class WorkspaceResolver(WorkspaceStore store)
{
    /// <param name="header">What the header says; blank for the default.</param>
    /// <exception cref="ApiException">It names none, or one that is not there.</exception>
    public async Task<string> ResolveAsync(string? header, CancellationToken cancellationToken)
    {
        // The default is there since the start, and nothing deletes it.
        if (header?.Trim() is not { Length: > 0 } name || name == Workspace.DefaultName)
            return Workspace.DefaultName;
        WorkspaceRules.CheckName(name);
        return (await store.GetAsync(name, cancellationToken)).Name;
    }
}

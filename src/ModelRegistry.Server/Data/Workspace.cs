namespace ModelRegistry.Server.Data;

/// <summary>The workspace whose rows a statement may see; its name fills the columns <c>workspace</c>.</summary>
internal readonly record struct Workspace(string Name)
{
    /// <summary>The workspace of requests that name none, and of a server that runs without workspaces.</summary>
    public const string DefaultName = "default";
}

namespace ModelRegistry.Server.Data;

/// <summary>Who changes something, and from where: what a record of the change says besides the change itself.</summary>
/// <param name="Principal">The user; <see cref="Unknown"/> without authentication.</param>
/// <param name="RequestId">The id that is in the answer and in the log; null for work that no request asks for.</param>
/// <param name="Address">The address the request came from; null where there is none.</param>
/// <param name="Client">What the client says it is; null when it says nothing.</param>
internal sealed record Caller(Workspace Workspace, string Principal, string? RequestId, string? Address, string? Client)
{
    /// <summary>The principal of requests without authentication, and of work that no request asks for.</summary>
    public const string Unknown = "unknown";

    /// <summary>For work that no request asks for.</summary>
    public static Caller Background(Workspace workspace) => new(workspace, Unknown, RequestId: null, Address: null, Client: null);
}

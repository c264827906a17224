namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Words for what the verifier found, of a file and of a model version as a whole; also those of the tag and of the API.</summary>
internal static class FileState
{
    /// <summary>As it was recorded.</summary>
    public const string Ok = "ok";

    /// <summary>Recorded, and not in the store.</summary>
    public const string Missing = "missing";

    /// <summary>Not what was recorded.</summary>
    public const string Changed = "changed";

    /// <summary>There, but nothing is known to compare it with; or out of this server's reach.</summary>
    public const string Unknown = "unknown";
}

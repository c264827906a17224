using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts;

/// <summary>What a failure of the artifact store means to a client.</summary>
internal static class StoreErrors
{
    public static ApiException? Translate(Exception exception) => exception is StoreException e
        ? new ApiException(e.IsTemporary ? ErrorCode.TemporarilyUnavailable : ErrorCode.InternalError, e.Message)
        : null;

    /// <summary>The failure for the operator who starts the server.</summary>
    public static string Explain(StoreException e) => $"the artifact store cannot be used: {e.Message}";
}

namespace ModelRegistry.Server.Artifacts;

/// <summary>The store behind the server cannot do what was asked of it, whatever the client does.</summary>
/// <param name="message">What went wrong and what to do, for the operator; no secrets.</param>
/// <param name="isTemporary">Whether the same call may succeed later (503), or needs the operator (500).</param>
/// <param name="inner">What the store's client said.</param>
internal sealed class StoreException(string message, bool isTemporary, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTemporary { get; } = isTemporary;
}

namespace ModelRegistry.MySqlClient.Protocol;

/// <summary>The server said something that the protocol does not allow. The connection that saw it is closed, never pooled.</summary>
internal sealed class ProtocolException(string message) : Exception(message);

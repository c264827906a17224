namespace ModelRegistry.Server.Errors;

/// <summary>A reason not to start that the operator can mend: printed as one sentence, exit code 2, no stack trace.</summary>
internal sealed class StartupException(string message) : Exception(message);

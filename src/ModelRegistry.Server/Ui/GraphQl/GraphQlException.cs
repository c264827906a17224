namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>A query that cannot be read or does not fit the schema.</summary>
internal sealed class GraphQlException(string message) : Exception(message);

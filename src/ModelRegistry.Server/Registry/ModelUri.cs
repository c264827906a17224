using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// A <c>models:/</c> URI: <c>models:/m-id</c> names a logged model; <c>models:/name/3</c> and <c>models:/name@alias</c> name a version.
/// With <c>models:/name/latest</c> or a stage, neither version nor alias is set.
/// </summary>
internal sealed record ModelUri(string? ModelId, string? Name, string? Version, string? Alias)
{
    /// <exception cref="ApiException">INTERNAL_ERROR: that is the code MLflow gives a URI it cannot read.</exception>
    public static ModelUri Parse(string uri)
    {
        var path = PythonUrl.Parse(uri).Path;
        var parts = path.TrimStart('/').Split('/');
        if (!path.StartsWith('/') || path.Length <= 1 || parts.Length > 2 || parts.Any(string.IsNullOrWhiteSpace))
            throw Improper(uri);
        if (parts.Length == 2)
            return new ModelUri(null, parts[0], parts[1].All(char.IsAsciiDigit) ? parts[1] : null, null);
        var at = parts[0].LastIndexOf('@');
        if (at < 0)
            return new ModelUri(parts[0], null, null, null);
        return string.IsNullOrWhiteSpace(parts[0][(at + 1)..])
            ? throw Improper(uri)
            : new ModelUri(null, parts[0][..at], null, parts[0][(at + 1)..]);
    }

    private static ApiException Improper(string uri) => ApiException.Internal(
        $"Not a proper models:/ URI: {uri}. Models URIs must be of the form 'models:/name/suffix' or 'models:/name@alias' "
        + "where suffix is a version, stage, or the string 'latest' and where alias is a registered model alias. "
        + "Only one of suffix or alias can be defined at a time.");
}

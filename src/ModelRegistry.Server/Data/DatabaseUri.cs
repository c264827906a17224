namespace ModelRegistry.Server.Data;

/// <summary>A backend store as MLflow's command line names it: a SQLAlchemy URI.</summary>
internal static class DatabaseUri
{
    private const string SqliteScheme = "sqlite:///";

    /// <summary>The file of a <c>sqlite:///relative.db</c> or <c>sqlite:////absolute.db</c> URI, as an absolute path.</summary>
    /// <exception cref="StartupException">The URI names no database that this server can open.</exception>
    public static string SqlitePath(string uri)
    {
        if (!uri.StartsWith("sqlite", StringComparison.OrdinalIgnoreCase))
            throw new StartupException($"The backend store '{Redact(uri)}' is not supported. Use sqlite:///FILE, for instance sqlite:///mlflow.db.");
        if (!uri.StartsWith(SqliteScheme, StringComparison.Ordinal))
            throw new StartupException($"The backend store '{uri}' is not a SQLite URI. Write sqlite:///relative.db or sqlite:////absolute/path.db.");
        var path = Uri.UnescapeDataString(uri[SqliteScheme.Length..].Split('?')[0]);
        return path is "" or ":memory:"
            ? throw new StartupException("An in-memory SQLite database would lose every write at the next restart. Name a file: sqlite:///mlflow.db.")
            : Path.GetFullPath(path);
    }

    /// <summary>The URI without its password, fit for messages.</summary>
    public static string Redact(string uri)
    {
        var scheme = uri.IndexOf("://", StringComparison.Ordinal);
        var at = uri.LastIndexOf('@');
        if (scheme < 0 || at < scheme)
            return uri;
        var user = uri[(scheme + 3)..at].Split(':')[0];
        return $"{uri[..(scheme + 3)]}{user}:***{uri[at..]}";
    }
}

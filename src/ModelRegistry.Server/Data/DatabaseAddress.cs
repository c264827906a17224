using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Data;

/// <summary>A backend store as MLflow's command line names it: a SQLAlchemy URI, understood.</summary>
internal abstract record DatabaseAddress
{
    /// <summary>How messages and the start-up report name it; never with a password.</summary>
    public abstract string Display { get; }

    /// <exception cref="StartupException">The URI names no database that this server can open.</exception>
    public static DatabaseAddress Parse(string uri)
    {
        var dialect = uri.Split(':', 2)[0].Split('+')[0].ToLowerInvariant();
        return dialect switch
        {
            "sqlite" => SqliteAddress.Parse(uri),
            "mysql" or "mariadb" => MySqlAddress.Parse(uri),
            _ => throw new StartupException(
                $"The backend store '{Redact(uri)}' is not supported. Use sqlite:///FILE, for instance sqlite:///mlflow.db, or mysql://USER:PASSWORD@HOST/DATABASE."),
        };
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

/// <summary><c>sqlite:///relative.db</c> or <c>sqlite:////absolute.db</c>.</summary>
/// <param name="Path">The file, absolute.</param>
internal sealed record SqliteAddress(string Path) : DatabaseAddress
{
    private const string Scheme = "sqlite:///";

    public override string Display => Path;

    public static new SqliteAddress Parse(string uri)
    {
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal))
            throw new StartupException($"The backend store '{uri}' is not a SQLite URI. Write sqlite:///relative.db or sqlite:////absolute/path.db.");
        var path = Uri.UnescapeDataString(uri[Scheme.Length..].Split('?')[0]);
        return path is "" or ":memory:"
            ? throw new StartupException("An in-memory SQLite database would lose every write at the next restart. Name a file: sqlite:///mlflow.db.")
            : new SqliteAddress(System.IO.Path.GetFullPath(path));
    }
}

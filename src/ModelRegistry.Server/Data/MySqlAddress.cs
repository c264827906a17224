using System.Globalization;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Data;

/// <summary><c>mysql://user:password@host:port/database?option=value</c>, also <c>mysql+pymysql</c> and the like: the driver's name says nothing here.</summary>
internal sealed record MySqlAddress : DatabaseAddress
{
    private const int DefaultPort = 3306;

    public required string Host { get; init; }

    public int Port { get; init; } = DefaultPort;

    public required string User { get; init; }

    public string Password { get; init; } = "";

    public required string Database { get; init; }

    /// <summary>Path of a Unix socket, used instead of host and port.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>PEM file of the authority that must have signed the server's certificate.</summary>
    public string? SslCa { get; init; }

    /// <summary>None, Preferred, Required, VerifyCA or VerifyFull.</summary>
    public string SslMode { get; init; } = "Preferred";

    /// <summary>Fetch the server's RSA key over an unencrypted connection to log in by caching_sha2_password.</summary>
    public bool AllowPublicKeyRetrieval { get; init; }

    /// <summary>Seconds to wait for a connection.</summary>
    public int ConnectTimeout { get; init; } = 15;

    public override string Display => UnixSocket is null ? $"mysql://{User}@{Host}:{Port}/{Database}" : $"mysql://{User}@{UnixSocket}/{Database}";

    public static new MySqlAddress Parse(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.AbsolutePath.Trim('/').Length == 0)
            throw new StartupException($"The backend store '{Redact(uri)}' is not a MySQL URI. Write mysql://USER:PASSWORD@HOST:PORT/DATABASE.");
        var credentials = parsed.UserInfo.Split(':', 2);
        var address = new MySqlAddress
        {
            Host = parsed.Host.Length == 0 ? "localhost" : parsed.Host,
            Port = parsed.Port < 0 ? DefaultPort : parsed.Port,
            User = Uri.UnescapeDataString(credentials[0]),
            Password = credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : "",
            Database = Uri.UnescapeDataString(parsed.AbsolutePath.Trim('/')),
        };
        foreach (var option in parsed.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            address = address.With(option);
        return address;
    }

    /// <summary>Takes an authority from elsewhere, unless the URI has its own or wants no TLS.</summary>
    public MySqlAddress WithAuthority(string? file) =>
        file is null || SslCa is not null || SslMode == "None" ? this : this with { SslCa = file, SslMode = SslMode == "VerifyFull" ? SslMode : "VerifyCA" };

    private MySqlAddress With(string option)
    {
        var parts = option.Split('=', 2);
        var value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1].Replace('+', ' ')) : "";
        return parts[0] switch
        {
            "unix_socket" => this with { UnixSocket = value },
            "ssl_ca" => (this with { SslCa = null }).WithAuthority(value),
            "ssl_verify_cert" => IsTrue(value) ? this with { SslMode = SslMode == "VerifyFull" ? SslMode : "VerifyCA" } : this,
            "ssl_verify_identity" or "ssl_check_hostname" => IsTrue(value) ? this with { SslMode = "VerifyFull" } : this,
            "ssl_disabled" => IsTrue(value) ? this with { SslMode = "None" } : this,
            "ssl" => this with { SslMode = IsTrue(value) ? "Required" : "None" },
            "ssl_mode" or "sslmode" => this with { SslMode = ParseSslMode(value) },
            "allow_public_key_retrieval" => this with { AllowPublicKeyRetrieval = IsTrue(value) },
            "connect_timeout" => this with { ConnectTimeout = ParseSeconds(value) },
            "charset" => value.StartsWith("utf8", StringComparison.OrdinalIgnoreCase)
                ? this
                : throw new StartupException($"The database option charset={value} would lose characters. Leave it out, or use utf8mb4."),
            _ => throw new StartupException(
                $"The database option '{parts[0]}' is not supported. Known are unix_socket, ssl_ca, ssl_verify_cert, ssl_verify_identity, ssl_disabled, "
                + "ssl_mode, allow_public_key_retrieval, connect_timeout and charset."),
        };
    }

    private static bool IsTrue(string value) => value.ToLowerInvariant() is "true" or "1" or "yes";

    private static int ParseSeconds(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? seconds
            : throw new StartupException($"The database option connect_timeout={value} is not a number of seconds.");

    private static string ParseSslMode(string value) => value.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() switch
    {
        "DISABLED" or "NONE" => "None",
        "PREFERRED" => "Preferred",
        "REQUIRED" => "Required",
        "VERIFYCA" => "VerifyCA",
        "VERIFYIDENTITY" or "VERIFYFULL" => "VerifyFull",
        _ => throw new StartupException($"The database option ssl_mode={value} is not known. Use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY."),
    };
}

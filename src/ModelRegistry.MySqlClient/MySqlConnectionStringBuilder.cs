using System.Data.Common;
using System.Globalization;

namespace ModelRegistry.MySqlClient;

/// <summary>Connection options, spelled as MySqlConnector spells them (<c>Server</c>, <c>User ID</c>, <c>SslMode</c>, …; spaces do not matter).</summary>
public sealed class MySqlConnectionStringBuilder : DbConnectionStringBuilder
{
    // First name: the canonical key. The others are spellings seen in the field.
    private static readonly string[][] Names =
    [
        ["Server", "Host", "Data Source", "DataSource", "Address", "Addr", "Network Address"],
        ["Port"],
        ["User ID", "UserID", "Username", "Uid", "User name", "User"],
        ["Password", "pwd"],
        ["Database", "Initial Catalog"],
        ["SSL Mode", "SslMode"],
        ["SSL CA", "SslCa", "CACertificateFile", "CA Certificate File"],
        ["AllowPublicKeyRetrieval", "Allow Public Key Retrieval"],
        ["Connection Timeout", "ConnectionTimeout", "Connect Timeout"],
        ["Default Command Timeout", "DefaultCommandTimeout", "Command Timeout"],
        ["Maximum Pool Size", "MaximumPoolSize", "Max Pool Size", "MaxPoolSize"],
        ["Connection Lifetime", "ConnectionLifeTime", "Connection Life Time"],
        ["Connection Idle Ping Time", "ConnectionIdlePingTime"],
        ["Connection Idle Timeout", "ConnectionIdleTimeout"],
        ["Connection Reset", "ConnectionReset"],
        ["TreatTinyAsBoolean", "Treat Tiny As Boolean"],
    ];

    private static readonly Dictionary<string, string> Canonical =
        Names.SelectMany(names => names.Select(name => (Spelling: Fold(name), Key: names[0])))
            .DistinctBy(pair => pair.Spelling).ToDictionary(pair => pair.Spelling, pair => pair.Key);

    public MySqlConnectionStringBuilder()
    {
    }

    public MySqlConnectionStringBuilder(string connectionString) => ConnectionString = connectionString;

    /// <summary>Host name or address, or the path of a Unix socket.</summary>
    public string Server { get => Text("Server") ?? "localhost"; set => this["Server"] = value; }

    public int Port { get => Number("Port", 3306); set => this["Port"] = value; }

    public string UserId { get => Text("User ID") ?? ""; set => this["User ID"] = value; }

    public string Password { get => Text("Password") ?? ""; set => this["Password"] = value; }

    public string Database { get => Text("Database") ?? ""; set => this["Database"] = value; }

    public MySqlSslMode SslMode
    {
        get => Text("SSL Mode") is { } mode ? ParseSslMode(mode) : MySqlSslMode.Preferred;
        set => this["SSL Mode"] = value.ToString();
    }

    /// <summary>PEM file of the certificate authority to trust instead of the system's.</summary>
    public string? SslCa { get => Text("SSL CA"); set => this["SSL CA"] = value!; }

    /// <summary>Fetch the server's RSA key over an unencrypted connection. Off, because whoever sits between can send a key of their own.</summary>
    public bool AllowPublicKeyRetrieval { get => Flag("AllowPublicKeyRetrieval", false); set => this["AllowPublicKeyRetrieval"] = value; }

    /// <summary>Seconds to wait for a connection: from the pool, or to the server.</summary>
    public int ConnectionTimeout { get => Number("Connection Timeout", 15); set => this["Connection Timeout"] = value; }

    /// <summary>Seconds a command may take before it is cancelled on the server; 0 for no limit.</summary>
    public int DefaultCommandTimeout { get => Number("Default Command Timeout", 30); set => this["Default Command Timeout"] = value; }

    public int MaximumPoolSize { get => Number("Maximum Pool Size", 100); set => this["Maximum Pool Size"] = value; }

    /// <summary>Seconds after which a connection is replaced when it comes back to the pool; 0 for never.</summary>
    public int ConnectionLifetime { get => Number("Connection Lifetime", 0); set => this["Connection Lifetime"] = value; }

    /// <summary>Seconds in the pool after which a connection is tried out before it is used.</summary>
    public int ConnectionIdlePingTime { get => Number("Connection Idle Ping Time", 10); set => this["Connection Idle Ping Time"] = value; }

    /// <summary>Seconds in the pool after which a connection is closed; 0 for never.</summary>
    public int ConnectionIdleTimeout { get => Number("Connection Idle Timeout", 180); set => this["Connection Idle Timeout"] = value; }

    /// <summary>
    /// Reset session state between users of a pooled connection. Costs a round trip and the prepared statements; an open transaction is
    /// rolled back either way.
    /// </summary>
    public bool ConnectionReset { get => Flag("Connection Reset", true); set => this["Connection Reset"] = value; }

    /// <summary>Read <c>TINYINT(1)</c> as a boolean.</summary>
    public bool TreatTinyAsBoolean { get => Flag("TreatTinyAsBoolean", true); set => this["TreatTinyAsBoolean"] = value; }

    [System.Diagnostics.CodeAnalysis.AllowNull]
    public override object this[string keyword]
    {
        get => base[CanonicalName(keyword)];
        set => base[CanonicalName(keyword)] = value!;
    }

    private static string CanonicalName(string keyword) =>
        Canonical.TryGetValue(Fold(keyword), out var key) ? key : throw new ArgumentException($"'{keyword}' is not a connection option.");

    private static string Fold(string name) => name.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    private static MySqlSslMode ParseSslMode(string text) =>
        Enum.TryParse<MySqlSslMode>(text, ignoreCase: true, out var mode) && Enum.IsDefined(mode)
            ? mode
            : throw new ArgumentException($"'{text}' is not an SSL mode. Use None, Preferred, Required, VerifyCA or VerifyFull.");

    private string? Text(string key) => TryGetValue(key, out var value) ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private int Number(string key, int whenAbsent)
    {
        if (Text(key) is not { } text)
            return whenAbsent;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"'{text}' is not a number for the connection option '{key}'.");
    }

    private bool Flag(string key, bool whenAbsent)
    {
        if (Text(key) is not { } text)
            return whenAbsent;
        return text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "1" => true,
            "FALSE" or "NO" or "0" => false,
            _ => throw new ArgumentException($"'{text}' is neither true nor false for the connection option '{key}'."),
        };
    }
}

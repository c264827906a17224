using System.Globalization;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Caching;

/// <summary>The value of <c>--cache</c>, understood.</summary>
internal abstract record CacheAddress
{
    /// <summary>How messages and the start-up report name it; never with a password.</summary>
    public abstract string Display { get; }

    /// <exception cref="StartupException">It names no cache.</exception>
    public static CacheAddress Parse(string text)
    {
        if (text.Equals("none", StringComparison.OrdinalIgnoreCase))
            return new None();
        if (text.Equals("memory", StringComparison.OrdinalIgnoreCase))
            return new Memory();
        return text.StartsWith("redis://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("rediss://", StringComparison.OrdinalIgnoreCase)
            ? RedisAddress.Parse(text)
            : throw new StartupException($"The cache '{text.Split("://")[0]}' is not known. Use none, memory, redis://HOST:PORT/DATABASE or rediss://… for TLS.");
    }

    public sealed record None : CacheAddress
    {
        public override string Display => "none";
    }

    public sealed record Memory : CacheAddress
    {
        public override string Display => "memory";
    }
}

/// <summary><c>redis://:password@host:6379/0</c>; <c>rediss://</c> with TLS, and <c>?ssl_ca=FILE</c> for an authority of one's own.</summary>
internal sealed record RedisAddress : CacheAddress
{
    private const int DefaultPort = 6379;
    private const string Form = "Write redis://:PASSWORD@HOST:PORT/DATABASE, or rediss://… for TLS.";

    public required string Host { get; init; }

    public int Port { get; init; } = DefaultPort;

    public string? Password { get; init; }

    /// <summary>Number of the logical database.</summary>
    public int Database { get; init; }

    public bool IsSecure { get; init; }

    /// <summary>PEM file of the authority that must have signed the server's certificate; null for those that the system trusts.</summary>
    public string? SslCa { get; init; }

    public override string Display => string.Create(CultureInfo.InvariantCulture, $"{(IsSecure ? "rediss" : "redis")}://{Host}:{Port}/{Database}");

    public static new RedisAddress Parse(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var parsed) || parsed.Host.Length == 0)
            throw new StartupException($"The cache is not a Redis URI. {Form}");
        var credentials = parsed.UserInfo.Split(':', 2);
        var address = new RedisAddress
        {
            Host = parsed.Host.Trim('[', ']'),
            Port = parsed.Port < 0 ? DefaultPort : parsed.Port,
            Password = credentials.Length > 1 ? Uri.UnescapeDataString(credentials[1]) : null,
            Database = ParseDatabase(parsed.AbsolutePath.Trim('/')),
            IsSecure = parsed.Scheme == "rediss",
        };
        if (credentials[0] is not ("" or "default") || credentials is ["default"])
            throw new StartupException($"The Redis user of the cache is not supported: only the default user's password can be given. {Form}");
        foreach (var option in parsed.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            address = address.With(option);
        return address;
    }

    private RedisAddress With(string option)
    {
        var parts = option.Split('=', 2);
        var value = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        if (parts[0] != "ssl_ca")
            throw new StartupException($"The cache option '{parts[0]}' is not supported. Known is ssl_ca.");
        if (!IsSecure)
            throw new StartupException("The cache option ssl_ca needs rediss://.");
        return File.Exists(value) ? this with { SslCa = value } : throw new StartupException($"The file '{value}' of the cache option ssl_ca does not exist.");
    }

    private static int ParseDatabase(string path)
    {
        if (path.Length == 0)
            return 0;
        return int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new StartupException($"The Redis database '{path}' is not a number. {Form}");
    }
}

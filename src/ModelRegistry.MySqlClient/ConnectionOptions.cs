using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ModelRegistry.MySqlClient;

/// <summary>The connection string, read and checked once. What the options mean is said at <see cref="MySqlConnectionStringBuilder"/>.</summary>
internal sealed record ConnectionOptions
{
    /// <exception cref="ArgumentException">A value is out of range, or the certificate authority's file is not one.</exception>
    public ConnectionOptions(MySqlConnectionStringBuilder builder)
    {
        Server = builder.Server;
        Port = InRange(builder.Port, 1, ushort.MaxValue, nameof(Port));
        UserId = builder.UserId;
        Password = builder.Password;
        Database = builder.Database;
        SslMode = builder.SslMode;
        SslCa = builder.SslCa is { } path ? ReadAuthority(path) : null;
        AllowPublicKeyRetrieval = builder.AllowPublicKeyRetrieval;
        ConnectionTimeout = InRange(builder.ConnectionTimeout, 1, MaxSeconds, nameof(ConnectionTimeout));
        DefaultCommandTimeout = InRange(builder.DefaultCommandTimeout, 0, MaxSeconds, nameof(DefaultCommandTimeout));
        MaximumPoolSize = InRange(builder.MaximumPoolSize, 1, 100_000, nameof(MaximumPoolSize));
        ConnectionLifetime = TimeSpan.FromSeconds(builder.ConnectionLifetime);
        ConnectionIdlePingTime = TimeSpan.FromSeconds(builder.ConnectionIdlePingTime);
        ConnectionIdleTimeout = TimeSpan.FromSeconds(builder.ConnectionIdleTimeout);
        ConnectionReset = builder.ConnectionReset;
        TreatTinyAsBoolean = builder.TreatTinyAsBoolean;
    }

    // What a timer of .NET can wait.
    private const int MaxSeconds = 2_000_000;

    public string Server { get; }

    public int Port { get; }

    public bool IsUnixSocket => Server.StartsWith('/');

    public string UserId { get; }

    public string Password { get; }

    public string Database { get; }

    public MySqlSslMode SslMode { get; }

    public X509Certificate2Collection? SslCa { get; }

    public bool AllowPublicKeyRetrieval { get; }

    /// <summary>Seconds.</summary>
    public int ConnectionTimeout { get; }

    /// <summary>Seconds.</summary>
    public int DefaultCommandTimeout { get; }

    public int MaximumPoolSize { get; }

    /// <summary>Zero for no limit, here and below.</summary>
    public TimeSpan ConnectionLifetime { get; }

    public TimeSpan ConnectionIdlePingTime { get; }

    public TimeSpan ConnectionIdleTimeout { get; }

    public bool ConnectionReset { get; }

    public bool TreatTinyAsBoolean { get; }

    private static int InRange(int value, int least, int most, string name) => value >= least && value <= most
        ? value
        : throw new ArgumentException($"The connection option {name} is {value}; it must lie between {least} and {most}.");

    private static X509Certificate2Collection ReadAuthority(string path)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(path);
            return certificates.Count > 0 ? certificates : throw new ArgumentException($"SslCa: there is no certificate in '{path}'.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ArgumentException($"SslCa: '{path}' cannot be read: {exception.Message}", exception);
        }
    }
}

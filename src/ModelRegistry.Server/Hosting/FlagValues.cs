using System.Globalization;
using System.Text.RegularExpressions;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>The values of the flags: the command line, else the environment, else the default.</summary>
/// <param name="given">The text given on the command line; null when the flag is absent.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed partial class FlagValues(Func<Flag, string?> given, Func<string, string?> environment)
{
    private static readonly string[] Truths = ["true", "t", "1", "yes", "y", "on"];
    private static readonly string[] Falsehoods = ["false", "f", "0", "no", "n", "off"];
    private static readonly string[] FrameOptions = ["SAMEORIGIN", "DENY", "NONE"];

    /// <exception cref="StartupException">A value cannot be used.</exception>
    public ServerOptions ToOptions()
    {
        RefuseUnsupported();
        var defaults = new ServerOptions();
        return new ServerOptions
        {
            BackendStoreUri = Find(ServeFlags.BackendStoreUri) ?? defaults.BackendStoreUri,
            RegistryStoreUri = Find(ServeFlags.RegistryStoreUri),
            DefaultArtifactRoot = Find(ServeFlags.DefaultArtifactRoot),
            ArtifactsDestination = Find(ServeFlags.ArtifactsDestination) ?? defaults.ArtifactsDestination,
            ServeArtifacts = given(ServeFlags.NoServeArtifacts) is null && (IsOn(ServeFlags.ServeArtifacts) ?? defaults.ServeArtifacts),
            ArtifactsOnly = IsOn(ServeFlags.ArtifactsOnly) ?? false,
            Host = Find(ServeFlags.Host) ?? defaults.Host,
            Port = (int)Number(ServeFlags.Port, 0, 65535, defaults.Port),
            StaticPrefix = StaticPrefix(),
            AllowedHosts = Find(ServeFlags.AllowedHosts) is { } hosts ? Split(hosts) : null,
            CorsAllowedOrigins = Split(Find(ServeFlags.CorsAllowedOrigins) ?? ""),
            XFrameOptions = OneOf(ServeFlags.XFrameOptions, FrameOptions) ?? defaults.XFrameOptions,
            DisableSecurityMiddleware = IsOn(ServeFlags.DisableSecurityMiddleware) ?? false,
            DatabasePoolSize = (int)Number(ServeFlags.DatabasePoolSize, 1, 10_000, defaults.DatabasePoolSize),
            MySqlSslCa = Find(ServeFlags.MySqlSslCa),
            Cache = Find(ServeFlags.Cache) ?? defaults.Cache,
            CacheMemoryBytes = Number(ServeFlags.CacheMemoryMegabytes, 1, 1 << 20, defaults.CacheMemoryBytes >> 20) << 20,
            AllowUnknownSchema = IsOn(ServeFlags.AllowUnknownSchema) ?? false,
            MaxRequestBytes = Number(ServeFlags.MaxRequestMegabytes, 1, 1024, defaults.MaxRequestBytes >> 20) << 20,
            TruncateLongValues = IsOn(ServeFlags.TruncateLongValues) ?? defaults.TruncateLongValues,
            MaxArtifactLocation = (int)Number(ServeFlags.MaxArtifactLocation, 1, 1_000_000, defaults.MaxArtifactLocation),
            ShutdownTimeout = TimeSpan.FromSeconds(Number(ServeFlags.ShutdownTimeout, 0, 3600, (long)defaults.ShutdownTimeout.TotalSeconds)),
            DrainTime = TimeSpan.FromSeconds(Number(ServeFlags.DrainSeconds, 0, 3600, (long)defaults.DrainTime.TotalSeconds)),
            UiDir = Find(ServeFlags.UiDir) is { } folder ? UiFolder.Read(folder) : null,
            ServeOpenApi = !(IsOn(ServeFlags.NoOpenApi) ?? false),
            GraphQlMaxRootFields = (int)Number(ServeFlags.GraphQlMaxRootFields, 1, 1000, defaults.GraphQlMaxRootFields),
            GraphQlMaxAliases = (int)Number(ServeFlags.GraphQlMaxAliases, 1, 1000, defaults.GraphQlMaxAliases),
            LogLevel = Level(),
            EnableWorkspaces = given(ServeFlags.DisableWorkspaces) is null && (IsOn(ServeFlags.EnableWorkspaces) ?? false),
            LogsJson = OneOf(ServeFlags.LogFormat, ["text", "json"]) == "json",
            SlowQuery = Find(ServeFlags.SlowQuery) is null ? null : TimeSpan.FromMilliseconds(Number(ServeFlags.SlowQuery, 1, 3_600_000, 0)),
            ExposeMetrics = Find(ServeFlags.ExposePrometheus) is not null,
            GcInterval = Age(ServeFlags.GcInterval),
            GcRetention = Age(ServeFlags.GcRetention) ?? defaults.GcRetention,
            ModelVersionSourcePattern = Find(ServeFlags.ModelVersionSourceRegex),
            Gcs = ToGcsOptions(),
            Webhooks = ToWebhookOptions(),
            Transfers = ToTransferOptions(),
            Integrity = new IntegrityOptions
            {
                Interval = Age(ServeFlags.VerifyInterval)?.Length is { Ticks: > 0 } interval ? interval : null,
                Deep = IsOn(ServeFlags.VerifyDeep) ?? false,
            },
        };
    }

    /// <summary>What the command <c>gc</c> was told, besides where everything is.</summary>
    /// <exception cref="StartupException">A value cannot be used.</exception>
    public GcRequest ToGcRequest()
    {
        if (given(GcFlags.Workspace) is not null && given(GcFlags.AllWorkspaces) is not null)
            throw new StartupException("Cannot use --workspace and --all-workspaces together.");
        var isAll = given(GcFlags.AllWorkspaces) is not null;
        return new GcRequest
        {
            OlderThan = Age(GcFlags.OlderThan),
            RunIds = List(GcFlags.RunIds),
            ExperimentIds = List(GcFlags.ExperimentIds),
            LoggedModelIds = List(GcFlags.LoggedModelIds),
            Jobs = given(GcFlags.Jobs) is not null,
            JobIds = List(GcFlags.JobIds),
            DeletedVersions = OneOf(GcFlags.DeletedVersions, ["keep", "purge"]) == "purge",
            UnfinishedUploads = Age(GcFlags.UnfinishedUploads),
            Workspace = isAll ? null : Find(GcFlags.Workspace) ?? GcRequest.DefaultWorkspace,
            DryRun = given(GcFlags.DryRun) is not null,
        };
    }

    /// <summary>The options of <c>gc</c>: naming workspaces enables them, as in MLflow.</summary>
    public ServerOptions ToGcOptions() =>
        ToOptions() is var options && (given(GcFlags.AllWorkspaces) is not null || Find(GcFlags.Workspace) is not null)
            ? options with { EnableWorkspaces = true }
            : options;

    /// <summary>One line for each flag that was given and has no effect.</summary>
    public IReadOnlyList<string> Notices() =>
        [.. from flag in ServeFlags.All.Concat(GcFlags.All)
            where flag.IsIgnored && given(flag) is not null
            select $"{flag.Name} has no effect: {char.ToLowerInvariant(flag.Help[0])}{flag.Help[1..]}"];

    private GcsOptions ToGcsOptions() => new()
    {
        CredentialsFile = Find(ServeFlags.GcsCredentials),
        UserProject = Find(ServeFlags.GcsUserProject),
        SigningAccount = Find(ServeFlags.GcsSigningAccount),
        Endpoint = Url(ServeFlags.GcsEndpoint) ?? new GcsOptions().Endpoint,
        EmulatorHost = Find(ServeFlags.GcsEmulatorHost),
    };

    private WebhookOptions ToWebhookOptions()
    {
        var defaults = new WebhookOptions();
        return new WebhookOptions
        {
            Deliver = !(IsOn(ServeFlags.NoWebhookDelivery) ?? false),
            AllowedSchemes = Find(ServeFlags.WebhookAllowedSchemes) is { } schemes ? Split(schemes) : defaults.AllowedSchemes,
            AllowPrivateAddresses = IsOn(ServeFlags.WebhookAllowPrivateIps) ?? defaults.AllowPrivateAddresses,
            SecretEncryptionKey = Find(ServeFlags.WebhookSecretEncryptionKey),
            Timeout = TimeSpan.FromSeconds(Number(ServeFlags.WebhookTimeout, 1, 600, (long)defaults.Timeout.TotalSeconds)),
            MaxRetries = (int)Number(ServeFlags.WebhookMaxRetries, 0, 1000, defaults.MaxRetries),
            MaxWorkers = (int)Number(ServeFlags.WebhookWorkers, 1, 1000, defaults.MaxWorkers),
        };
    }

    private TransferOptions ToTransferOptions() => new()
    {
        Mode = OneOf(ServeFlags.DirectTransfers, Enum.GetNames<DirectTransferMode>()) is { } mode ? Enum.Parse<DirectTransferMode>(mode) : default,
        DownloadLifetime = TimeSpan.FromSeconds(Number(ServeFlags.PresignedDownloadUrlTtl, 1, 604_800, 300)),
    };

    private void RefuseUnsupported()
    {
        if (Find(ServeFlags.AppName) is { } app)
            throw new StartupException($"--app-name {app} is not available: this version has no authentication. Put an authenticating proxy in front.");
        if (given(ServeFlags.ServeArtifacts) is not null && given(ServeFlags.NoServeArtifacts) is not null)
            throw new StartupException("--serve-artifacts and --no-serve-artifacts exclude each other.");
        if (given(ServeFlags.EnableWorkspaces) is not null && given(ServeFlags.DisableWorkspaces) is not null)
            throw new StartupException("--enable-workspaces and --disable-workspaces exclude each other.");
    }

    private string? Find(Flag flag) =>
        given(flag) ?? (flag.Env is not null && environment(flag.Env) is { Length: > 0 } value ? value : null);

    private bool? IsOn(Flag flag) => Find(flag) switch
    {
        null => null,
        var text when Truths.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) => true,
        var text when Falsehoods.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) => false,
        var text => throw new StartupException($"{Source(flag)} must be true or false, not '{text}'."),
    };

    private long Number(Flag flag, long min, long max, long fallback)
    {
        if (Find(flag) is not { } text)
            return fallback;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new StartupException($"{Source(flag)} must be a number from {min} to {max}, not '{text}'.");
    }

    private Age? Age(Flag flag)
    {
        if (Find(flag) is not { } text)
            return null;
        try
        {
            return Hosting.Age.Parse(text);
        }
        catch (StartupException e)
        {
            throw new StartupException($"{Source(flag)}: {e.Message}");
        }
    }

    private List<string>? List(Flag flag) => Find(flag) is { Length: > 0 } text ? [.. Split(text)] : null;

    private string? OneOf(Flag flag, string[] words)
    {
        if (Find(flag) is not { } text)
            return null;
        return words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw new StartupException($"{Source(flag)} must be one of {string.Join(", ", words)}, not '{text}'.");
    }

    private string? Url(Flag flag) => Find(flag) switch
    {
        null => null,
        var text when Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", Query: "", Fragment: "" } => text,
        var text => throw new StartupException($"{Source(flag)} must be a URL such as https://storage.example.com, not '{text}'."),
    };

    private string StaticPrefix()
    {
        var prefix = Find(ServeFlags.StaticPrefix) ?? "";
        if (prefix.Length > 0 && !PlainPath().IsMatch(prefix))
            throw new StartupException($"{Source(ServeFlags.StaticPrefix)} must begin with '/' and not end with one, such as /mlflow; it is '{prefix}'.");
        return prefix;
    }

    private LogLevel Level() => OneOf(ServeFlags.LogLevel, ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]) switch
    {
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        _ => LogLevel.Warning,
    };

    /// <summary>Where a bad value came from, for the message about it.</summary>
    private string Source(Flag flag) => given(flag) is null ? flag.Env! : flag.Name;

    [GeneratedRegex(@"^(/[A-Za-z0-9._~-]+)+$")]
    private static partial Regex PlainPath();

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

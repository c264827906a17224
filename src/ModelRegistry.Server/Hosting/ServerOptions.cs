namespace ModelRegistry.Server.Hosting;

/// <summary>What <c>serve</c> was told; flags and environment variables are those of <c>mlflow server</c> (see <see cref="ServeFlags"/>).</summary>
internal sealed record ServerOptions
{
    /// <summary>SQLAlchemy-style URI of the tracking database (and of the registry's, unless that has its own).</summary>
    public string BackendStoreUri { get; init; } = "sqlite:///mlflow.db";

    /// <summary>URI of the registry's database; null means the tracking database.</summary>
    public string? RegistryStoreUri { get; init; }

    /// <summary>Root of artifact locations given to new experiments; null means <c>mlflow-artifacts:/</c> while artifacts are served.</summary>
    public string? DefaultArtifactRoot { get; init; }

    /// <summary>Folder or bucket behind <c>mlflow-artifacts:/</c>.</summary>
    public string ArtifactsDestination { get; init; } = "./mlartifacts";

    /// <summary>Serve artifacts through the proxy.</summary>
    public bool ServeArtifacts { get; init; } = true;

    /// <summary>Serve nothing but artifacts.</summary>
    public bool ArtifactsOnly { get; init; }

    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 lets the system choose one.</summary>
    public int Port { get; init; } = 5000;

    /// <summary>Path below which everything is served, such as <c>/mlflow</c>; empty for none.</summary>
    public string StaticPrefix { get; init; } = "";

    /// <summary>Accepted <c>Host</c> headers, <c>*</c> as a wildcard; null means this machine and private networks.</summary>
    public IReadOnlyList<string>? AllowedHosts { get; init; }

    /// <summary>Origins of browsers that may call the API, besides those of this machine.</summary>
    public IReadOnlyList<string> CorsAllowedOrigins { get; init; } = [];

    /// <summary>SAMEORIGIN, DENY or NONE.</summary>
    public string XFrameOptions { get; init; } = "SAMEORIGIN";

    /// <summary>Answer without host validation, CORS and security headers.</summary>
    public bool DisableSecurityMiddleware { get; init; }

    /// <summary>Greatest number of connections to a MySQL database; a SQLite file has one writer and a few readers whatever this says.</summary>
    public int DatabasePoolSize { get; init; } = 50;

    /// <summary>PEM file of the authority that must have signed a MySQL server's certificate, where the URI names none.</summary>
    public string? MySqlSslCa { get; init; }

    /// <summary>What is kept between requests, and where: <c>none</c>, <c>memory</c> or the URI of a Redis.</summary>
    public string Cache { get; init; } = "none";

    /// <summary>Greatest size of the cache in memory.</summary>
    public long CacheMemoryBytes { get; init; } = 64L << 20;

    /// <summary>Write to a database whose schema revision is unknown to this build.</summary>
    public bool AllowUnknownSchema { get; init; }

    /// <summary>Greatest body of an API call in bytes; artifacts have no limit.</summary>
    public long MaxRequestBytes { get; init; } = 64L << 20;

    /// <summary>Cut too long values of parameters and of tags of runs and traces; otherwise they are refused.</summary>
    public bool TruncateLongValues { get; init; } = true;

    /// <summary>Longest artifact location of an experiment, in characters.</summary>
    public int MaxArtifactLocation { get; init; } = 2048;

    /// <summary>How long the server goes on answering after it was told to stop, while its health probes already say 503.</summary>
    public TimeSpan DrainTime { get; init; }

    /// <summary>How long requests that are running at shutdown may take to finish.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is written to the log (standard error).</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Regular expression that the source of every new model version has to match; null for none.</summary>
    public string? ModelVersionSourcePattern { get; init; }

    /// <summary>Folder of MLflow's built web pages; null or empty for none.</summary>
    public string? UiDir { get; init; }

    /// <summary>Describe the API at <c>/openapi/v1.json</c> and <c>/docs</c>.</summary>
    public bool ServeOpenApi { get; init; } = true;

    /// <summary>Most fields at the root of a GraphQL query.</summary>
    public int GraphQlMaxRootFields { get; init; } = 10;

    /// <summary>Most aliases on one level of a GraphQL query.</summary>
    public int GraphQlMaxAliases { get; init; } = 10;

    public GcsOptions Gcs { get; init; } = new();

    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Log lines are JSON objects.</summary>
    public bool LogsJson { get; init; }

    /// <summary>How long a statement takes before it is logged; null logs none.</summary>
    public TimeSpan? SlowQuery { get; init; }

    /// <summary>Answer <c>/metrics</c>.</summary>
    public bool ExposeMetrics { get; init; }

    /// <summary>Pause between rounds of garbage collection; null for none.</summary>
    public Age? GcInterval { get; init; }

    /// <summary>How long ago something has to be deleted before a round deletes it for good.</summary>
    public Age GcRetention { get; init; } = Age.Parse("30d");

    public TransferOptions Transfers { get; init; } = new();

    public IntegrityOptions Integrity { get; init; } = new();

    /// <summary>Serve any number of workspaces; otherwise the default one alone.</summary>
    public bool EnableWorkspaces { get; init; }

    /// <summary>Where new experiments put artifacts.</summary>
    public string EffectiveArtifactRoot => DefaultArtifactRoot ?? (ServeArtifacts ? "mlflow-artifacts:/" : "./mlruns");
}

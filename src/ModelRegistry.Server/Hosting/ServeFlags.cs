namespace ModelRegistry.Server.Hosting;

/// <summary>One flag of <c>serve</c>; the command line, its help and the configuration reference are made from these.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Value">What stands for the value in the help; null for a switch.</param>
internal sealed record Flag(string Section, string Name, string? Value, string Help)
{
    public string? Short { get; init; }

    /// <summary>The environment variable that stands in for an absent flag.</summary>
    public string? Env { get; init; }

    /// <summary>What holds without flag and variable, as the operator would write it.</summary>
    public string? Default { get; init; }

    /// <summary>Accepted so that a start script for the Python server keeps working, but without effect.</summary>
    public bool IsIgnored { get; init; }
}

/// <summary>The flags of <c>serve</c>: those of <c>mlflow server</c>, under the same names, and the few of our own.</summary>
internal static class ServeFlags
{
    private const string Storage = "Storage";
    private const string Network = "Network";
    private const string Security = "Security";
    private const string Behaviour = "Behaviour";
    private const string Observation = "Seen from outside";
    private const string Retention = "Retention";
    private const string GcsSection = "Google Cloud Storage";
    private const string WebhookSection = "Webhooks";
    private const string Compatibility = "Accepted from 'mlflow server', without effect here";

    public static readonly Flag BackendStoreUri = new(Storage, "--backend-store-uri", "URI",
        "Database of experiments, runs and models: sqlite:///relative.db, sqlite:////absolute/path.db or mysql://USER:PASSWORD@HOST:PORT/DATABASE. "
        + "Tables are created when they do not exist, and so is a SQLite file.")
    { Env = "MLFLOW_BACKEND_STORE_URI", Default = "sqlite:///mlflow.db" };

    public static readonly Flag RegistryStoreUri = new(Storage, "--registry-store-uri", "URI",
        "Database of registered models, when it is not the backend store.")
    { Env = "MLFLOW_REGISTRY_STORE_URI", Default = "the backend store" };

    public static readonly Flag DefaultArtifactRoot = new(Storage, "--default-artifact-root", "URI",
        "Where the artifacts of new experiments go. Clients write there themselves unless it is an mlflow-artifacts: URI.")
    { Env = "MLFLOW_DEFAULT_ARTIFACT_ROOT", Default = "mlflow-artifacts:/ (./mlruns with --no-serve-artifacts)" };

    public static readonly Flag ArtifactsDestination = new(Storage, "--artifacts-destination", "PATH",
        "Where the artifacts go that clients send through this server: a folder, which is created when it does not exist, or a bucket: "
        + "gs://BUCKET/PREFIX, s3://BUCKET/PREFIX.")
    { Env = "MLFLOW_ARTIFACTS_DESTINATION", Default = "./mlartifacts" };

    public static readonly Flag ServeArtifacts = new(Storage, "--serve-artifacts", null,
        "Receive and deliver artifacts through this server.")
    { Env = "MLFLOW_SERVE_ARTIFACTS", Default = "true" };

    public static readonly Flag NoServeArtifacts = new(Storage, "--no-serve-artifacts", null,
        "Leave artifacts to the clients; the artifact routes answer 503.");

    public static readonly Flag ArtifactsOnly = new(Storage, "--artifacts-only", null,
        "Serve artifacts and nothing else; all other routes answer 503.")
    { Env = "MLFLOW_ARTIFACTS_ONLY", Default = "false" };

    public static readonly Flag DirectTransfers = new(Storage, "--direct-transfers", "MODE",
        "Whether clients may move files between themselves and the store behind --artifacts-destination, past this server: 'auto' when a trial at "
        + "the start succeeds, 'on' without a trial, 'off' never. A folder cannot do it.")
    { Env = "MODELREGISTRY_DIRECT_TRANSFERS", Default = "auto" };

    public static readonly Flag PresignedDownloadUrlTtl = new(Storage, "--presigned-download-url-ttl", "SECONDS",
        "How long an address to download from the store can be used.")
    { Env = "MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS", Default = "300" };

    public static readonly Flag VerifyInterval = new(Storage, "--verify-interval", "AGE",
        "How long after the files of all model versions were compared with what was recorded of them it is done again, by one replica: '1d'.")
    { Env = "MODELREGISTRY_VERIFY_INTERVAL", Default = "never" };

    public static readonly Flag VerifyDeep = new(Storage, "--verify-deep", null,
        "Read every file then, instead of asking the store for sizes and checksums.")
    { Env = "MODELREGISTRY_VERIFY_DEEP", Default = "false" };

    public static readonly Flag DatabasePoolSize = new(Storage, "--database-pool-size", "COUNT",
        "Greatest number of connections to a MySQL database. SQLite has one writer and a few readers whatever this says.")
    { Env = "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE", Default = "50" };

    public static readonly Flag MySqlSslCa = new(Storage, "--mysql-ssl-ca", "FILE",
        "PEM file of the authority that must have signed the certificate of a MySQL database, when its URI has no ssl_ca.")
    { Env = "MLFLOW_MYSQL_SSL_CA", Default = "none" };

    public static readonly Flag Cache = new(Storage, "--cache", "CACHE",
        "Where answers of frequent registry reads are kept: none; memory, for a server that is alone with its database; redis://:PASSWORD@HOST:PORT/DATABASE "
        + "(rediss:// with TLS), which all replicas have to share. Use the variable when there is a password: arguments can be seen by others.")
    { Env = "MODELREGISTRY_CACHE", Default = "none" };

    public static readonly Flag CacheMemoryMegabytes = new(Storage, "--cache-memory-mb", "NUMBER",
        "Greatest size of the cache in memory, in MiB.")
    { Env = "MODELREGISTRY_CACHE_MEMORY_MB", Default = "64" };

    public static readonly Flag AllowUnknownSchema = new(Storage, "--allow-unknown-schema", null,
        "Use a database although its MLflow schema revision is unknown to this version.")
    { Env = "MODELREGISTRY_ALLOW_UNKNOWN_SCHEMA", Default = "false" };

    public static readonly Flag Host = new(Network, "--host", "HOST",
        "Address to listen on; 0.0.0.0 listens on every network interface.")
    { Short = "-h", Env = "MLFLOW_HOST", Default = "127.0.0.1" };

    public static readonly Flag Port = new(Network, "--port", "PORT", "Port to listen on; 0 takes a free one.")
    { Short = "-p", Env = "MLFLOW_PORT", Default = "5000" };

    public static readonly Flag StaticPrefix = new(Network, "--static-prefix", "PATH",
        "Path below which everything is served, such as /mlflow.")
    { Env = "MLFLOW_STATIC_PREFIX", Default = "none" };

    public static readonly Flag AllowedHosts = new(Security, "--allowed-hosts", "LIST",
        "Host headers to answer to, separated by commas, with * as a wildcard: 'models.example.com,10.0.*'.")
    { Env = "MLFLOW_SERVER_ALLOWED_HOSTS", Default = "this machine and private networks" };

    public static readonly Flag CorsAllowedOrigins = new(Security, "--cors-allowed-origins", "LIST",
        "Origins, separated by commas, whose web pages may call the API, besides those of this machine.")
    { Env = "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", Default = "none" };

    public static readonly Flag XFrameOptions = new(Security, "--x-frame-options", "VALUE",
        "X-Frame-Options header of all answers: SAMEORIGIN, DENY, or NONE to leave it out.")
    { Env = "MLFLOW_SERVER_X_FRAME_OPTIONS", Default = "SAMEORIGIN" };

    public static readonly Flag DisableSecurityMiddleware = new(Security, "--disable-security-middleware", null,
        "Switch off host validation, cross-origin protection and security headers. For tests only.")
    { Env = "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", Default = "false" };

    public static readonly Flag ModelVersionSourceRegex = new(Security, "--model-version-source-regex", "PATTERN",
        "Regular expression that the source of every new model version has to match.")
    { Env = "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX", Default = "none" };

    public static readonly Flag AppName = new(Security, "--app-name", "NAME",
        "Authentication application. This version has none: every name is refused.");

    public static readonly Flag MaxRequestMegabytes = new(Behaviour, "--max-request-mb", "NUMBER",
        "Greatest body of an API call, in MiB. Artifacts have no limit.")
    { Env = "MODELREGISTRY_MAX_REQUEST_MB", Default = "64" };

    public static readonly Flag TruncateLongValues = new(Behaviour, "--truncate-long-values", "BOOLEAN",
        "Cut values of parameters (6000 characters) and of tags of runs and traces (8000) that are too long; false refuses them.")
    { Env = "MLFLOW_TRUNCATE_LONG_VALUES", Default = "true" };

    public static readonly Flag MaxArtifactLocation = new(Behaviour, "--artifact-location-max-length", "NUMBER",
        "Longest artifact location that an experiment or a workspace may be given, in characters.")
    { Env = "MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH", Default = "2048" };

    public static readonly Flag ShutdownTimeout = new(Behaviour, "--shutdown-timeout", "SECONDS",
        "How long running requests may take to finish when the server is told to stop.")
    { Env = "MODELREGISTRY_SHUTDOWN_TIMEOUT", Default = "30" };

    public static readonly Flag DrainSeconds = new(Behaviour, "--drain-seconds", "SECONDS",
        "How long to go on answering when told to stop, with /health at 503 and every connection closed after its answer, so that a load balancer "
        + "sends nothing here any more when the server really stops.")
    { Env = "MODELREGISTRY_DRAIN_SECONDS", Default = "0" };

    public static readonly Flag Check = new(Behaviour, "--check", null,
        "Try what the server needs - databases, and the artifact store with a small file - print a line for each, and end: with 0 when all is well, else with 1.");

    public static readonly Flag UiDir = new(Behaviour, "--ui-dir", "PATH",
        "Folder of MLflow's built web pages, with index.html in it, to serve at the root: mlflow/server/js/build of its Python package. 'none' serves none.")
    { Env = "MODELREGISTRY_UI_DIR", Default = "that of an MLflow installed on this machine" };

    public static readonly Flag NoOpenApi = new(Behaviour, "--no-openapi", null,
        "Leave out the description of the API: /openapi/v1.json, and its pages at /docs.")
    { Env = "MODELREGISTRY_NO_OPENAPI", Default = "false" };

    public static readonly Flag GraphQlMaxRootFields = new(Behaviour, "--graphql-max-root-fields", "NUMBER",
        "Most fields at the root of a GraphQL query of the web pages.")
    { Env = "MLFLOW_SERVER_GRAPHQL_MAX_ROOT_FIELDS", Default = "10" };

    public static readonly Flag GraphQlMaxAliases = new(Behaviour, "--graphql-max-aliases", "NUMBER",
        "Most aliases on one level of a GraphQL query.")
    { Env = "MLFLOW_SERVER_GRAPHQL_MAX_ALIASES", Default = "10" };

    public static readonly Flag LogLevel = new(Behaviour, "--log-level", "LEVEL",
        "What is logged to standard error: DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    { Env = "MLFLOW_LOGGING_LEVEL", Default = "WARNING" };

    public static readonly Flag LogFormat = new(Observation, "--log-format", "FORMAT",
        "How log lines look: text, or json with one object per line, with the id of the request.")
    { Env = "MODELREGISTRY_LOG_FORMAT", Default = "text" };

    public static readonly Flag SlowQuery = new(Observation, "--slow-query-ms", "NUMBER",
        "Log statements that take at least so many milliseconds: their text without values, how long they took, and the request.")
    { Env = "MODELREGISTRY_SLOW_QUERY_MS", Default = "off" };

    public static readonly Flag ExposePrometheus = new(Observation, "--expose-prometheus", "PATH",
        "Answer /metrics for Prometheus. MLflow wants a folder here; any value switches it on, and nothing is written.")
    { Env = "MLFLOW_EXPOSE_PROMETHEUS", Default = "off" };

    public static readonly Flag GcInterval = new(Retention, "--gc-interval", "AGE",
        "Delete for good, again and again after this time, what was deleted --gc-retention ago: runs, experiments and logged models with their artifacts, "
        + "and uploads that were not finished. One replica at a time does it. Such as 6h.")
    { Env = "MODELREGISTRY_GC_INTERVAL", Default = "never" };

    public static readonly Flag GcRetention = new(Retention, "--gc-retention", "AGE",
        "How long what was deleted can be restored before --gc-interval deletes it for good. Such as 30d, 1d12h.")
    { Env = "MODELREGISTRY_GC_RETENTION", Default = "30d" };

    public static readonly Flag EnableWorkspaces = new(Behaviour, "--enable-workspaces", null,
        "Keep experiments, runs and models of several workspaces apart. Requests name theirs in the header X-MLFLOW-WORKSPACE, or are in 'default'; "
        + "workspaces are made at /api/3.0/mlflow/workspaces.")
    { Env = "MLFLOW_ENABLE_WORKSPACES", Default = "false" };

    public static readonly Flag DisableWorkspaces = new(Behaviour, "--disable-workspaces", null,
        "Serve the default workspace alone, whatever MLFLOW_ENABLE_WORKSPACES says.");

    public static readonly Flag GcsCredentials = new(GcsSection, "--gcs-credentials", "PATH",
        "File of a service account key, a workload identity or an impersonation.")
    { Env = "GOOGLE_APPLICATION_CREDENTIALS", Default = "application default credentials: those of gcloud, or of the machine" };

    public static readonly Flag GcsUserProject = new(GcsSection, "--gcs-user-project", "PROJECT",
        "Project that pays for requests to a bucket whose requesters pay.")
    { Env = "MODELREGISTRY_GCS_USER_PROJECT", Default = "none" };

    public static readonly Flag GcsSigningAccount = new(GcsSection, "--gcs-signing-account", "EMAIL",
        "Service account that signs addresses for clients. The credentials need the role Service Account Token Creator on it, unless they are its key.")
    { Env = "MODELREGISTRY_GCS_SIGNING_ACCOUNT", Default = "the account of the credentials" };

    public static readonly Flag GcsEndpoint = new(GcsSection, "--gcs-endpoint", "URL",
        "Where the API of Google Cloud Storage is, for private endpoints.")
    { Env = "MODELREGISTRY_GCS_ENDPOINT", Default = "https://storage.googleapis.com" };

    public static readonly Flag GcsEmulatorHost = new(GcsSection, "--gcs-emulator-host", "HOST:PORT",
        "Emulator to use instead of Google, without credentials. For tests only.")
    { Env = "STORAGE_EMULATOR_HOST", Default = "none" };

    public static readonly Flag NoWebhookDelivery = new(WebhookSection, "--no-webhook-delivery", null,
        "Record what webhooks are to be told, and leave sending it to other replicas.")
    { Env = "MODELREGISTRY_NO_WEBHOOK_DELIVERY", Default = "false" };

    public static readonly Flag WebhookSecretEncryptionKey = new(WebhookSection, "--webhook-secret-encryption-key", "KEY",
        "Fernet key that encrypts the secrets of webhooks in the database. Use the variable: arguments can be seen by others.")
    { Env = "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", Default = "a new key at every start" };

    public static readonly Flag WebhookAllowedSchemes = new(WebhookSection, "--webhook-allowed-schemes", "LIST",
        "Schemes, separated by commas, that the URL of a webhook may have: https, http.")
    { Env = "MLFLOW_WEBHOOK_ALLOWED_SCHEMES", Default = "https" };

    public static readonly Flag WebhookAllowPrivateIps = new(WebhookSection, "--webhook-allow-private-ips", null,
        "Let webhooks reach loopback, private, link-local and metadata addresses.")
    { Env = "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", Default = "false" };

    public static readonly Flag WebhookTimeout = new(WebhookSection, "--webhook-timeout", "SECONDS",
        "How long a receiver may take to answer.")
    { Env = "MLFLOW_WEBHOOK_REQUEST_TIMEOUT", Default = "30" };

    public static readonly Flag WebhookMaxRetries = new(WebhookSection, "--webhook-max-retries", "COUNT",
        "How often a failed delivery is repeated, after 1, 2, 4 ... 60 seconds, before it is given up.")
    { Env = "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", Default = "10" };

    public static readonly Flag WebhookWorkers = new(WebhookSection, "--webhook-workers", "COUNT",
        "How many deliveries are on their way at the same time; one webhook gets half of them at most.")
    { Env = "MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS", Default = "10" };

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Flag> All =
    [
        BackendStoreUri, RegistryStoreUri, DefaultArtifactRoot, ArtifactsDestination, ServeArtifacts, NoServeArtifacts, ArtifactsOnly,
        DirectTransfers, PresignedDownloadUrlTtl, VerifyInterval, VerifyDeep,
        DatabasePoolSize, MySqlSslCa, Cache, CacheMemoryMegabytes, AllowUnknownSchema,
        Host, Port, StaticPrefix,
        AllowedHosts, CorsAllowedOrigins, XFrameOptions, DisableSecurityMiddleware, ModelVersionSourceRegex, AppName,
        MaxRequestMegabytes, TruncateLongValues, MaxArtifactLocation, ShutdownTimeout, DrainSeconds, Check, UiDir, NoOpenApi, GraphQlMaxRootFields, GraphQlMaxAliases, LogLevel, EnableWorkspaces, DisableWorkspaces,
        LogFormat, SlowQuery, ExposePrometheus,
        GcInterval, GcRetention,
        GcsCredentials, GcsUserProject, GcsSigningAccount, GcsEndpoint, GcsEmulatorHost,
        NoWebhookDelivery, WebhookSecretEncryptionKey, WebhookAllowedSchemes, WebhookAllowPrivateIps, WebhookTimeout, WebhookMaxRetries,
        WebhookWorkers,
        Ignored("--workers", "COUNT", "One process serves all requests.") with { Short = "-w", Env = "MLFLOW_WORKERS" },
        Ignored("--gunicorn-opts", "TEXT", "There is no gunicorn.") with { Env = "MLFLOW_GUNICORN_OPTS" },
        Ignored("--waitress-opts", "TEXT", "There is no waitress."),
        Ignored("--uvicorn-opts", "TEXT", "There is no uvicorn.") with { Env = "MLFLOW_UVICORN_OPTS" },
        Ignored("--dev", null, "There is no reloading."),
        Ignored("--secrets-cache-ttl", "SECONDS", "No secrets are kept."),
        Ignored("--secrets-cache-max-size", "COUNT", "No secrets are kept."),
        Ignored("--webhook-cache-ttl", "SECONDS", "Changes of webhooks hold at once.") with { Env = "MLFLOW_WEBHOOK_CACHE_TTL" },
        Ignored("--workspace-store-uri", "URI", "Workspaces are kept in the backend store.") with { Env = "MLFLOW_WORKSPACE_STORE_URI" },
    ];

    private static Flag Ignored(string name, string? value, string help) => new(Compatibility, name, value, help) { IsIgnored = true };
}

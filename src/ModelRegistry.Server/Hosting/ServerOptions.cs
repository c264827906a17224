namespace ModelRegistry.Server.Hosting;

/// <summary>What <c>serve</c> was told; flags and environment variables are those of <c>mlflow server</c>.</summary>
internal sealed record ServerOptions
{
    /// <summary>SQLAlchemy-style URI of the tracking database (and of the registry's, unless that has its own).</summary>
    public string BackendStoreUri { get; init; } = "sqlite:///mlflow.db";

    /// <summary>Root of artifact locations given to new experiments; null means <c>mlflow-artifacts:/</c> while artifacts are served.</summary>
    public string? DefaultArtifactRoot { get; init; }

    /// <summary>Folder (or, later, bucket) behind <c>mlflow-artifacts:/</c>.</summary>
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

    /// <summary>Write to a database whose schema revision is unknown to this build.</summary>
    public bool AllowUnknownSchema { get; init; }

    /// <summary>Where new experiments put artifacts.</summary>
    public string EffectiveArtifactRoot => DefaultArtifactRoot ?? (ServeArtifacts ? "mlflow-artifacts:/" : "./mlruns");
}

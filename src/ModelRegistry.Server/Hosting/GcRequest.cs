namespace ModelRegistry.Server.Hosting;

/// <summary>What is to be deleted for good; the lists and their meaning are those of <c>mlflow gc</c>.</summary>
internal sealed record GcRequest
{
    public const string DefaultWorkspace = "default";

    /// <summary>How long ago something has to be deleted; null for no matter when.</summary>
    public Age? OlderThan { get; init; }

    /// <summary>Null for all deleted runs.</summary>
    public IReadOnlyList<string>? RunIds { get; init; }

    /// <summary>Null for all deleted experiments.</summary>
    public IReadOnlyList<string>? ExperimentIds { get; init; }

    /// <summary>Null for all deleted logged models.</summary>
    public IReadOnlyList<string>? LoggedModelIds { get; init; }

    /// <summary>Rows of <c>jobs</c> as well; only MLflow's own server writes them.</summary>
    public bool Jobs { get; init; }

    /// <summary>Null for all jobs that have ended.</summary>
    public IReadOnlyList<string>? JobIds { get; init; }

    /// <summary>Artifacts of deleted model versions as well, where nothing else uses them.</summary>
    public bool DeletedVersions { get; init; }

    /// <summary>Age from which unfinished uploads are thrown away; null leaves them alone.</summary>
    public Age? UnfinishedUploads { get; init; }

    /// <summary>The workspace to look at; null for all.</summary>
    public string? Workspace { get; init; } = DefaultWorkspace;

    /// <summary>Change nothing, and say what would be done.</summary>
    public bool DryRun { get; init; }
}

namespace ModelRegistry.Server.Hosting;

/// <summary>The flags of <c>gc</c> beside those of <c>serve</c> that say where the data is: those of <c>mlflow gc</c>, and the few of our own.</summary>
internal static class GcFlags
{
    private const string What = "What to delete";
    private const string How = "How";
    private const string Compatibility = "Accepted from 'mlflow gc', without effect here";

    public static readonly Flag OlderThan = new(What, "--older-than", "AGE",
        "Only what was deleted at least so long ago, such as 30d, 1d2h3m4s, 1.5h.")
    { Default = "no matter when" };

    public static readonly Flag RunIds = new(What, "--run-ids", "LIST",
        "Runs to delete, separated by commas. Runs of the experiments that are deleted go as well.")
    { Default = "all deleted runs" };

    public static readonly Flag ExperimentIds = new(What, "--experiment-ids", "LIST",
        "Experiments to delete, with all of their runs, logged models and traces.")
    { Default = "all deleted experiments" };

    public static readonly Flag LoggedModelIds = new(What, "--logged-model-ids", "LIST", "Logged models to delete.")
    { Default = "all deleted logged models" };

    public static readonly Flag Jobs = new(What, "--jobs", null, "Jobs that have ended as well. Only MLflow's own server makes any.");

    public static readonly Flag JobIds = new(What, "--job-ids", "LIST", "Jobs to delete, with or without --jobs.");

    public static readonly Flag DeletedVersions = new(What, "--deleted-versions", "POLICY",
        "'purge' deletes the artifacts of deleted model versions too, when they are below the artifact root and nothing else uses them. Their numbers are "
        + "not given again.")
    { Default = "keep" };

    public static readonly Flag UnfinishedUploads = new(What, "--unfinished-uploads", "AGE",
        "Throw away uploads to the artifact destination that were begun at least so long ago and not finished.")
    { Default = "keep" };

    public static readonly Flag Workspace = new(What, "--workspace", "NAME", "The workspace to look at.")
    { Env = "MLFLOW_WORKSPACE", Default = "default" };

    public static readonly Flag AllWorkspaces = new(What, "--all-workspaces", null, "Look at all workspaces.");

    public static readonly Flag DryRun = new(How, "--dry-run", null, "Change nothing; say what would be deleted, and how many files and bytes.");

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<Flag> All =
    [
        OlderThan, RunIds, ExperimentIds, LoggedModelIds, Jobs, JobIds, DeletedVersions, UnfinishedUploads, Workspace, AllWorkspaces, DryRun,
        new(Compatibility, "--tracking-uri", "URI", "Artifacts are deleted without a server.") { IsIgnored = true },
    ];
}

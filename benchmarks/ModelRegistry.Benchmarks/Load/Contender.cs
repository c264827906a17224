namespace ModelRegistry.Benchmarks.Load;

/// <summary>A server that takes part.</summary>
/// <param name="Name">In the table; also the name of its folder and database.</param>
/// <param name="Command">Program and arguments that come before <c>--backend-store-uri</c> and the like.</param>
internal sealed record Contender(string Name, IReadOnlyList<string> Command)
{
    public const string OursName = "modelregistry";

    /// <summary>This server, built and started as <c>scripts/serve</c> does.</summary>
    public static Contender Ours { get; } = new(OursName, ["env", "DOTNET_GCgen0size=0x1000000", "dotnet", Path.Combine(Repository.Root, "src/ModelRegistry.Server/bin/publish/ModelRegistry.Server.dll"), "serve"]);

    /// <summary>MLflow's own server by the command in <c>MLFLOW_PYTHON</c>; null without it.</summary>
    /// <param name="workers">How many processes it answers with.</param>
    public static Contender? Official(int workers) => Environment.GetEnvironmentVariable("MLFLOW_PYTHON") is { Length: > 0 } python
        ? new Contender("mlflow", ["env", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false", .. python.Split(' '), "-m", "mlflow", "server", "--workers", $"{workers}"])
        : null;

    public Task<RunningServer> StartAsync(string databaseUri, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        return RunningServer.StartAsync(
            [.. Command, "--host", "127.0.0.1", "--port", "{port}", "--backend-store-uri", databaseUri], folder, cancellationToken);
    }
}

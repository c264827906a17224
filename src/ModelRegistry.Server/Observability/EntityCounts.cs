using System.Data.Common;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Server.Observability;

/// <summary>
/// How much there is in the databases, and what waits to be sent. Asked for only when somebody reads the metrics, and kept for a while: at
/// least some seconds, and so long that asking never takes more than a twentieth of the time.
/// </summary>
internal sealed partial class EntityCounts : IDisposable
{
    /// <summary>Counting goes no further than this, so that the question has a bounded price.</summary>
    private const int MaxCount = 1_000_000;

    private const int RestFactor = 20;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    private readonly Databases stores;
    private readonly TimeProvider time;
    private readonly ILogger<EntityCounts> logger;
    private readonly SemaphoreSlim asking = new(1);
    private volatile Answer? last;

    public EntityCounts(Databases stores, TimeProvider time, IMeterFactory meters, ILogger<EntityCounts> logger)
    {
        this.stores = stores;
        this.time = time;
        this.logger = logger;
        var meter = meters.Create("ModelRegistry");
        meter.CreateObservableGauge("modelregistry.entities", Entities, description: $"Things in the database that are not deleted, up to {MaxCount} of each kind.");
        meter.CreateObservableGauge("modelregistry.webhooks.pending", () => Of(answer => answer.Pending), description: "Deliveries of webhooks that wait to be sent.");
        meter.CreateObservableGauge("modelregistry.webhooks.dead", () => Of(answer => answer.Dead), description: "Deliveries of webhooks that were given up.");
        meter.CreateObservableGauge(
            "modelregistry.webhooks.lag", () => Of(answer => answer.LagSeconds), "s", "Age of the oldest delivery of webhooks that waits to be sent.");
    }

    /// <summary>Brings the numbers up to date if they are old; whoever comes meanwhile gets the old ones.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (last?.Until > time.GetUtcNow() || !await asking.WaitAsync(0, cancellationToken))
            return;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeLimit);
            await AskAsync(patience.Token);
        }
        catch (Exception e) when (e is DbException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            last = null; // A gap in the graph is better than a line that is not true.
            LogFailure(e);
        }
        finally
        {
            asking.Release();
        }
    }

    public void Dispose() => asking.Dispose();

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var entities = new List<Measurement<long>>();
        foreach (var (kind, database, source) in Sources())
        {
            var count = await database.ReadAsync(scope => scope.FindAsync<long>($"SELECT COUNT(*) FROM (SELECT 1 FROM {source} LIMIT {MaxCount}) counted"), cancellationToken);
            entities.Add(new Measurement<long>(count, new KeyValuePair<string, object?>("kind", kind)));
        }

        var now = time.GetUtcNow();
        var queue = await stores.Registry.ReadAsync(
            scope => scope.FindAsync<QueueRow>(
                """
                SELECT (SELECT COUNT(*) FROM mr_webhook_deliveries WHERE state = 'PENDING') AS pending,
                    (SELECT COUNT(*) FROM mr_webhook_deliveries WHERE state = 'DEAD') AS dead,
                    (SELECT MIN(creation_time) FROM mr_webhook_deliveries WHERE state = 'PENDING') AS oldest
                """),
            cancellationToken);
        var lag = queue!.Oldest is { } oldest ? Math.Max(0, (now.ToUnixTimeMilliseconds() - oldest) / 1000.0) : 0;
        var rest = clock.Elapsed * RestFactor;
        last = new Answer(now + (rest > ShortestRest ? rest : ShortestRest), entities, queue.Pending, queue.Dead, lag);
    }

    private (string Kind, Database Database, string Source)[] Sources() =>
    [
        ("registered_model", stores.Registry, "registered_models"),
        ("model_version", stores.Registry, "model_versions WHERE current_stage <> 'Deleted_Internal'"),
        ("experiment", stores.Tracking, "experiments WHERE lifecycle_stage = 'active'"),
        ("run", stores.Tracking, "runs WHERE lifecycle_stage = 'active'"),
        ("logged_model", stores.Tracking, "logged_models WHERE lifecycle_stage = 'active'"),
    ];

    /// <summary>Who reads without having asked before, as a periodic export does, gets the numbers of its last time.</summary>
    private Answer? Current()
    {
        if (!(last?.Until > time.GetUtcNow()))
            _ = Task.Run(() => RefreshAsync(CancellationToken.None));
        return last;
    }

    private IEnumerable<Measurement<long>> Entities() => Current()?.Entities ?? [];

    private IEnumerable<Measurement<double>> Of(Func<Answer, double> value) => Current() is { } answer ? [new Measurement<double>(value(answer))] : [];

    [LoggerMessage(60, LogLevel.Warning, "The numbers of models, runs and deliveries for the metrics could not be read")]
    private partial void LogFailure(Exception exception);

    private sealed record Answer(DateTimeOffset Until, IReadOnlyList<Measurement<long>> Entities, double Pending, double Dead, double LagSeconds);

    private sealed record QueueRow
    {
        public long Pending { get; init; }

        public long Dead { get; init; }

        public long? Oldest { get; init; }
    }
}

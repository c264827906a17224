using System.Diagnostics.Metrics;

namespace ModelRegistry.MySqlClient.Pooling;

/// <summary>The pool in numbers, under OpenTelemetry's names for database clients; meter <c>ModelRegistry.MySqlClient</c>.</summary>
internal sealed class PoolMetrics : IDisposable
{
    private readonly Meter meter = new("ModelRegistry.MySqlClient");
    private readonly UpDownCounter<int> pending;
    private readonly Counter<int> timeouts;
    private readonly KeyValuePair<string, object?> pool;

    public PoolMetrics(string server, Func<int> idle, Func<int> used)
    {
        pool = new KeyValuePair<string, object?>("db.client.connection.pool.name", server);
        pending = meter.CreateUpDownCounter<int>("db.client.connection.pending_requests");
        timeouts = meter.CreateCounter<int>("db.client.connection.timeouts");
        meter.CreateObservableUpDownCounter("db.client.connection.count", () => Count(idle(), used()));
    }

    /// <summary>Counts a waiter until it is disposed.</summary>
    public IDisposable Waiting()
    {
        pending.Add(1, pool);
        return new Waiter(this);
    }

    public void TimedOut() => timeouts.Add(1, pool);

    public void Dispose() => meter.Dispose();

    private Measurement<int>[] Count(int idle, int used) => [Of(idle, "idle"), Of(used, "used")];

    private Measurement<int> Of(int value, string state) => new(value, pool, new KeyValuePair<string, object?>("db.client.connection.state", state));

    private sealed class Waiter(PoolMetrics metrics) : IDisposable
    {
        public void Dispose() => metrics.pending.Add(-1, metrics.pool);
    }
}

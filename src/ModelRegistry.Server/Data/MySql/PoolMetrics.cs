using System.Diagnostics.Metrics;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>
/// A pool of MySqlConnector in numbers, under the names that OpenTelemetry has for them now; MySqlConnector still uses older ones, and says only what
/// changes, which a listener that comes after the first connection adds up wrongly.
/// </summary>
internal sealed class PoolMetrics : IDisposable
{
    private const string Usage = "db.client.connections.usage";
    private const string Pending = "db.client.connections.pending_requests";
    private const string Timeouts = "db.client.connections.timeouts";

    private readonly Meter meter = new("ModelRegistry");
    private readonly MeterListener listener = new();
    private readonly Counter<int> timeouts;
    private readonly string name;
    private readonly KeyValuePair<string, object?> label;
    private int idle;
    private int used;
    private int pending;

    /// <param name="name">Of the pool, as MySqlConnector knows it; no other has it.</param>
    /// <param name="server">Of the pool, for those who read the numbers.</param>
    public PoolMetrics(string name, string server)
    {
        this.name = name;
        label = new KeyValuePair<string, object?>("db.client.connection.pool.name", server);
        timeouts = meter.CreateCounter<int>("db.client.connection.timeouts");
        meter.CreateObservableUpDownCounter("db.client.connection.count", () => (Measurement<int>[])[Of(ref idle, "idle"), Of(ref used, "used")]);
        meter.CreateObservableUpDownCounter("db.client.connection.pending_requests", () => new Measurement<int>(Volatile.Read(ref pending), label));
        listener.InstrumentPublished = static (instrument, listening) =>
        {
            if (instrument.Meter.Name == "MySqlConnector" && instrument.Name is Usage or Pending or Timeouts)
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.Start();
    }

    public void Dispose()
    {
        listener.Dispose();
        meter.Dispose();
    }

    private void Add(string instrument, int value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Tag(tags, "pool.name") != name)
            return;
        if (instrument == Timeouts)
            timeouts.Add(value, label);
        else
            Interlocked.Add(ref instrument == Pending ? ref pending : ref Tag(tags, "state") == "idle" ? ref idle : ref used, value);
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == key)
                return tag.Value as string;
        }

        return null;
    }

    private Measurement<int> Of(ref int count, string state) =>
        new(Volatile.Read(ref count), label, new KeyValuePair<string, object?>("db.client.connection.state", state));
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace ModelRegistry.Server.Observability;

/// <summary>Listens to the instruments of the server, of its database client and of the framework, and adds up what they measure.</summary>
internal sealed class MetricsCollector : IDisposable
{
    private const string Hosting = "Microsoft.AspNetCore.Hosting";

    private static readonly string[] RequestLabels = ["http.request.method", "http.route", "http.response.status_code"];
    private static readonly string[] ActiveLabels = ["http.request.method"];

    /// <summary>Of the many of the runtime, those that tell of trouble.</summary>
    private static readonly string[] RuntimeInstruments =
    [
        "dotnet.gc.collections", "dotnet.gc.pause.time", "dotnet.gc.last_collection.heap.size",
        "dotnet.thread_pool.thread.count", "dotnet.thread_pool.queue.length", "dotnet.exceptions", "dotnet.monitor.lock_contentions",
    ];

    private readonly MeterListener listener = new();
    private readonly ConcurrentBag<MetricSeries> metrics = [];
    private readonly Lock reading = new();
    private readonly object scope;

    /// <param name="meters">The factory of this server's meters: those of another server in the same process are not ours.</param>
    public MetricsCollector(IMeterFactory meters)
    {
        scope = meters;
        listener.InstrumentPublished = Publish;
        listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((MetricSeries)state!).Record(value, tags));
        listener.Start();
    }

    /// <summary>Everything, in the text format of Prometheus.</summary>
    public string Read()
    {
        lock (reading)
        {
            foreach (var metric in metrics.Where(metric => metric.Instrument.IsObservable))
                metric.Clear();
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            PrometheusText.Append(text, metrics);
            ProcessFacts.Append(text);
            return text.ToString();
        }
    }

    public void Dispose() => listener.Dispose();

    private void Publish(Instrument instrument, MeterListener source)
    {
        var isOurs = instrument.Meter.Name switch
        {
            "ModelRegistry" => instrument.Meter.Scope is null || instrument.Meter.Scope == scope,
            Hosting => instrument.Meter.Scope == scope && instrument.Name is "http.server.request.duration" or "http.server.active_requests",
            "System.Runtime" => RuntimeInstruments.Contains(instrument.Name),
            _ => false,
        };
        if (!isOurs)
            return;
        var labels = instrument.Name switch
        {
            "http.server.request.duration" => RequestLabels,
            "http.server.active_requests" => ActiveLabels,
            _ => null,
        };
        var metric = new MetricSeries(instrument, labels);
        metrics.Add(metric);
        source.EnableMeasurementEvents(instrument, metric);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace ModelRegistry.Server.Observability;

/// <summary>What one instrument has measured, by the values of its labels.</summary>
/// <param name="labels">Tags that become labels; null for all of them. Tags that say nothing here would only multiply the series.</param>
internal sealed class MetricSeries(Instrument instrument, IReadOnlyList<string>? labels)
{
    /// <summary>An instrument has no more series than this, whatever is measured: later ones are not counted.</summary>
    private const int MaxSeries = 5000;

    private const int MaxKey = 512;

    private readonly ConcurrentDictionary<string, Series> all = [];

    public Instrument Instrument { get; } = instrument;

    /// <summary>A distribution; otherwise one number for each series.</summary>
    public bool IsHistogram { get; } = instrument.GetType().GetGenericTypeDefinition() == typeof(Histogram<>);

    /// <summary>A number that never falls.</summary>
    /// <remarks>The runtime makes counters of some numbers of its thread pool that do fall.</remarks>
    public bool IsCounter { get; } =
        instrument.GetType().GetGenericTypeDefinition() is var kind && (kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>))
        && !instrument.Name.StartsWith("dotnet.thread_pool.", StringComparison.Ordinal);

    /// <summary>The labels of each series, as they are written, and what was measured.</summary>
    public IEnumerable<KeyValuePair<string, Series>> All => all;

    /// <summary>Forgets what an observable instrument has said before.</summary>
    public void Clear() => all.Clear();

    /// <remarks>The key is written on the stack: measuring what was measured before allocates nothing.</remarks>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> buffer = stackalloc char[MaxKey];
        if (!TryWrite(buffer, tags, out var length))
            return;
        if (!all.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(buffer[..length], out var series))
        {
            if (all.Count >= MaxSeries)
                return;
            series = all.GetOrAdd(buffer[..length].ToString(), _ => new Series(IsHistogram));
        }

        if (Instrument.IsObservable)
            series.Set(value);
        else
            series.Add(value);
    }

    private bool TryWrite(Span<char> buffer, ReadOnlySpan<KeyValuePair<string, object?>> tags, out int length)
    {
        length = 0;
        foreach (var (name, value) in tags)
        {
            if (labels is not null && !labels.Contains(name))
                continue;
            if (!TryAppend(buffer, ref length, length == 0 ? "" : ",") || !TryAppendName(buffer, ref length, name) || !TryAppend(buffer, ref length, "=\"")
                || !TryAppendValue(buffer, ref length, value) || !TryAppend(buffer, ref length, "\""))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryAppend(Span<char> buffer, ref int length, ReadOnlySpan<char> text)
    {
        if (!text.TryCopyTo(buffer[length..]))
            return false;
        length += text.Length;
        return true;
    }

    private static bool TryAppendName(Span<char> buffer, ref int length, string name)
    {
        var start = length;
        if (!TryAppend(buffer, ref length, name))
            return false;
        buffer[start..length].Replace('.', '_');
        return true;
    }

    private static bool TryAppendValue(Span<char> buffer, ref int length, object? value)
    {
        if (value is int or long or bool)
        {
            var written = 0;
            var fits = value is ISpanFormattable number
                ? number.TryFormat(buffer[length..], out written, default, CultureInfo.InvariantCulture)
                : ((bool)value).TryFormat(buffer[length..], out written);
            length += written;
            return fits;
        }

        var text = value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return TryAppend(buffer, ref length, text.AsSpan().ContainsAny('\\', '"', '\n') ? PrometheusText.Escape(text) : text);
    }
}

/// <summary>Numbers that many threads add to.</summary>
internal sealed class Series(bool isHistogram)
{
    /// <summary>Upper bounds of the buckets, in seconds: from an answer out of memory to a transfer.</summary>
    public static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];

    private readonly long[] buckets = isHistogram ? new long[Bounds.Length + 1] : [];
    private double sum;

    public double Sum => Volatile.Read(ref sum);

    /// <summary>How many measurements were in each bucket; the last one has no bound.</summary>
    public IReadOnlyList<long> Buckets => buckets;

    public void Set(double value) => Volatile.Write(ref sum, value);

    public void Add(double value)
    {
        if (isHistogram)
            Interlocked.Increment(ref buckets[BucketOf(value)]);
        double seen, next;
        do
        {
            seen = Volatile.Read(ref sum);
            next = seen + value;
        }
        while (BitConverter.DoubleToInt64Bits(Interlocked.CompareExchange(ref sum, next, seen)) != BitConverter.DoubleToInt64Bits(seen));
    }

    private static int BucketOf(double value)
    {
        var index = Array.BinarySearch(Bounds, value);
        return index < 0 ? ~index : index;
    }
}

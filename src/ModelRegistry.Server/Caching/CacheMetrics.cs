using System.Diagnostics.Metrics;

namespace ModelRegistry.Server.Caching;

/// <summary>What the cache counts, under the meter <c>ModelRegistry</c>.</summary>
internal static class CacheMetrics
{
    private static readonly Meter Meter = new("ModelRegistry");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "modelregistry.cache.requests", description: "Reads by outcome: hit, miss, or bypass when the cache could not be asked.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "modelregistry.cache.failures", description: "Commands that the cache server did not answer in time, or not at all.");

    private static readonly Counter<long> Suspensions = Meter.CreateCounter<long>(
        "modelregistry.cache.suspensions", description: "How often this replica has switched the cache off for all of them.");

    public static void Hit() => Requests.Add(1, new KeyValuePair<string, object?>("outcome", "hit"));

    public static void Miss() => Requests.Add(1, new KeyValuePair<string, object?>("outcome", "miss"));

    public static void Bypass() => Requests.Add(1, new KeyValuePair<string, object?>("outcome", "bypass"));

    public static void Failure() => Failures.Add(1);

    public static void Suspension() => Suspensions.Add(1);
}

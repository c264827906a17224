using System.Diagnostics.Metrics;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Bytes of artifacts that go through the server; free when nobody listens.</summary>
internal static class ArtifactMetrics
{
    private static readonly Meter Meter = new("ModelRegistry");

    public static readonly Counter<long> Received = Meter.CreateCounter<long>("modelregistry.artifacts.received", "By", "Bytes of artifacts that clients have sent.");

    public static readonly Counter<long> Sent = Meter.CreateCounter<long>("modelregistry.artifacts.sent", "By", "Bytes of artifacts that were sent to clients.");
}

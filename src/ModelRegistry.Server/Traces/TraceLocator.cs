using ModelRegistry.Server.Data;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces;

/// <summary>The narrow door through which other areas learn where the data of a trace is.</summary>
internal sealed class TraceLocator(TrackingDatabase database)
{
    /// <returns>null when there is no such trace in the caller's workspace.</returns>
    public Task<TraceLocation?> FindAsync(Workspace workspace, string traceId, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope => (await SpannedTrace.ListAnyAsync(scope, workspace, [traceId]))
                .Select(trace => new TraceLocation(trace.Info.Tag(TraceKeys.ArtifactLocation), trace.IsStored ? trace.Spans : null))
                .SingleOrDefault(),
            cancellationToken);
}

/// <summary>Where the data of a trace is.</summary>
/// <param name="ArtifactUri">Folder of its files.</param>
/// <param name="Spans">The spans as JSON texts; null when they are a file.</param>
internal sealed record TraceLocation(string? ArtifactUri, IReadOnlyList<string>? Spans);

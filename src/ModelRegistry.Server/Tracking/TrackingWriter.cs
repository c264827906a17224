using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Tracking;

/// <summary>The one way to change experiments, runs, logged models, traces and what belongs to them.</summary>
internal sealed class TrackingWriter(TrackingDatabase database, ChangePipeline pipeline, TimeProvider time)
    : ChangeWriter<TrackingChange>(database, pipeline, time)
{
    /// <summary>
    /// A transaction that is not written down. A training run adds thousands of points, parameters, tags and spans, each a row with its own time
    /// that is never changed: they are their own history, and a log of them would double the database.
    /// </summary>
    /// <param name="row">As for <see cref="Database.WriteAsync{T}"/>.</param>
    public Task<T> WriteUnauditedAsync<T>(Func<SqlScope, Task<T>> work, CancellationToken cancellationToken, string? row = null) =>
        Database.WriteAsync(work, cancellationToken, row);

    /// <inheritdoc cref="WriteUnauditedAsync{T}"/>
    public Task WriteUnauditedAsync(Func<SqlScope, Task> work, CancellationToken cancellationToken, string? row = null) =>
        Database.WriteAsync(work, cancellationToken, row);
}

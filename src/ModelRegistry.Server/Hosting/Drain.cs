namespace ModelRegistry.Server.Hosting;

/// <summary>
/// A server that was told to stop goes on answering for <see cref="ServerOptions.DrainTime"/>: its health probes say 503, so that a load
/// balancer takes it out, and connections are closed after their next answer, so that clients connect to another replica.
/// </summary>
internal sealed class Drain(ServerOptions options, TimeProvider time) : IHostedLifecycleService
{
    private volatile bool isDraining;

    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (!isDraining)
            return next(http);
        http.Response.Headers.Connection = "close";
        if (!IsProbe(http.Request.Path))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>Runs before anything else is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        isDraining = true;
        return options.DrainTime > TimeSpan.Zero ? Task.Delay(options.DrainTime, time, cancellationToken) : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Also below the static prefix; <c>/health/live</c> is no matter of load balancers.</summary>
    private bool IsProbe(PathString path)
    {
        var below = path.Value!.StartsWith(options.StaticPrefix, StringComparison.Ordinal) ? path.Value[options.StaticPrefix.Length..] : path.Value;
        return below is "/health" or "/health/ready" || path.Value is "/health" or "/health/ready";
    }
}

using Microsoft.Extensions.Logging.Console;

namespace ModelRegistry.Server.Hosting;

/// <summary>Where log lines go: standard error, one line each.</summary>
internal sealed class Logs
{
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";
    private const string RequestCategory = "Microsoft.AspNetCore.Hosting.Diagnostics";
    private volatile bool hasStarted;

    public void Configure(WebApplicationBuilder builder, ServerOptions options)
    {
        builder.Logging.SetMinimumLevel(options.LogLevel);
        if (options.LogsJson)
            builder.Logging.AddJsonConsole(ConfigureJson);
        else
            builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

        // Kept silent, it still makes an activity and a scope per request as long as any of its levels is on. JSON lines show that scope.
        if (options.LogLevel > LogLevel.Information && !options.LogsJson)
            builder.Logging.AddFilter(RequestCategory, LogLevel.None);

        // The host logs a failure to start with its stack trace; we say it in one sentence. Its later messages are wanted.
        builder.Logging.AddFilter(HostCategory, level => hasStarted && level >= options.LogLevel);
    }

    /// <summary>With the scopes, in which the framework keeps id and path of the request.</summary>
    private static void ConfigureJson(JsonConsoleFormatterOptions console) =>
        (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    public void Watch(IHost app) =>
        app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => hasStarted = true);
}

using System.Diagnostics;
using System.Text;

namespace ModelRegistry.Server.Observability;

/// <summary>What every Prometheus client says of its process.</summary>
internal static class ProcessFacts
{
    private const string OpenFiles = "/proc/self/fd";

    public static void Append(StringBuilder text)
    {
        using var process = Process.GetCurrentProcess();
        Append(text, "process_cpu_seconds_total", "Time that the processors spent on this process.", "counter", process.TotalProcessorTime.TotalSeconds);
        Append(text, "process_resident_memory_bytes", "Memory that is not swapped out.", "gauge", process.WorkingSet64);
        Append(text, "process_start_time_seconds", "When the process started, since 1970.", "gauge",
            (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        if (Directory.Exists(OpenFiles))
            Append(text, "process_open_fds", "Open files and sockets.", "gauge", Directory.EnumerateFileSystemEntries(OpenFiles).Count());
    }

    private static void Append(StringBuilder text, string name, string help, string kind, double value)
    {
        PrometheusText.AppendHead(text, name, help, kind);
        PrometheusText.AppendSample(text, name, "", value);
    }
}

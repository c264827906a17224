using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ModelRegistry.Tests;

/// <summary>
/// A folder for a server that a test starts. Both are gone when it is disposed, or when the tests end, however they end; the server is found
/// by the process id that it writes to <see cref="PidFile"/>.
/// </summary>
internal sealed class GuardedFolder : IAsyncDisposable
{
    public const int SigHangUp = 1;
    public const int SigTerm = 15;
    public const int SigContinue = 18;
    public const int SigStop = 19;

    // Waits for the end of the test process: a test host leaves no time for handlers of its own.
    private const string CleanUpAfterParent =
        """
        read -r _
        pid=$(cat "$0/pid" 2>/dev/null) && kill "$pid" 2>/dev/null && sleep 1 && kill -9 "$pid" 2>/dev/null
        while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
        rm -rf "$0"
        """;

    private readonly Process guard;

    public GuardedFolder(string prefix)
    {
        Path = Directory.CreateTempSubdirectory(prefix).FullName;
        guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", CleanUpAfterParent, Path]) { RedirectStandardInput = true })!;
    }

    public string Path { get; }

    public string PidFile => In("pid");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <returns>The path of a program; null when it is not installed.</returns>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/bin")
            .Where(directory => directory.Length > 0).Select(directory => System.IO.Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(Find(program)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Returns when something listens on the port.</summary>
    public static async Task WaitForPortAsync(int port, Process process, Func<string> log)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"{process.StartInfo.FileName} did not start: {log()}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Signal(int processId, int signal);
}

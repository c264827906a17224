using System.Diagnostics;
using System.Globalization;

namespace ModelRegistry.Tests;

/// <summary>An object store of <c>tests/Stores</c>, on a free port and with a folder of its own; it ends, and the folder goes, with the tests.</summary>
internal sealed class StorePeer
{
    /// <summary>The keys that both stores take.</summary>
    public const string AccessKey = "test-key";
    public const string SecretKey = "test-secret";

    private const string Announcement = "listening on ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<StorePeer>> SharedS3 = new(() => StartAsync("s3.js"));
    private static readonly Lazy<Task<StorePeer>> SharedAzure = new(() => StartAsync("azure.js"));

    private readonly Process process;
    private readonly DirectoryInfo folder;

    private StorePeer(Process process, DirectoryInfo folder) => (this.process, this.folder) = (process, folder);

    /// <summary>Why the stores cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } =
        !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, "node"))) ? "Node.js is not installed."
        : !Directory.Exists(Repository.PathOf("tests/Stores/node_modules")) ? "The object stores for tests are not installed: run 'npm ci' in tests/Stores."
        : null;

    public int Port { get; private set; }

    /// <summary>Where it keeps its data.</summary>
    public string Folder => folder.FullName;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>The S3 that all tests of the run share.</summary>
    public static Task<StorePeer> S3Async() => SharedS3.Value;

    /// <summary>The Azure Blob Storage that all tests of the run share.</summary>
    public static Task<StorePeer> AzureAsync() => SharedAzure.Value;

    private static async Task<StorePeer> StartAsync(string script)
    {
        var folder = Directory.CreateTempSubdirectory("modelregistry-store-");
        var start = new ProcessStartInfo("node", [script, folder.FullName])
        {
            WorkingDirectory = Repository.PathOf("tests/Stores"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var peer = new StorePeer(Process.Start(start)!, folder);
        using var limit = new CancellationTokenSource(StartLimit);
        while (await peer.process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.StartsWith(Announcement, StringComparison.Ordinal))
                continue;
            peer.Port = int.Parse(line[Announcement.Length..], CultureInfo.InvariantCulture);
            _ = peer.process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            return peer;
        }

        throw new InvalidOperationException($"{script} ended before it listened.");
    }
}

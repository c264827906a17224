using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace ModelRegistry.Tests.ScaleOut;

/// <summary>A private nginx in front of several replicas, configured as <c>docs/operations.md</c> says.</summary>
internal sealed class NginxBalancer : IAsyncDisposable
{
    private readonly GuardedFolder folder = new("nginx-");
    private readonly IReadOnlyList<int> replicas;
    private readonly Process process;

    private NginxBalancer(IReadOnlyList<int> replicas)
    {
        this.replicas = replicas;
        Configure(without: null);
        process = GuardedFolder.Start("nginx", "-p", folder.Path, "-e", folder.In("error.log"), "-c", folder.In("nginx.conf"));
    }

    /// <summary>Why tests with nginx cannot run here; null when they can.</summary>
    public static string? SkipReason { get; } =
        GuardedFolder.Find("nginx") is null ? "nginx is not installed (package nginx)." : MariaDbServer.SkipReason;

    public int Port { get; } = GuardedFolder.FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public static async Task<NginxBalancer> StartAsync(IReadOnlyList<int> replicas)
    {
        var balancer = new NginxBalancer(replicas);
        await GuardedFolder.WaitForPortAsync(balancer.Port, balancer.process, () => File.ReadAllText(balancer.folder.In("error.log")));
        return balancer;
    }

    /// <summary>Sends nothing to this replica any more, and returns when no request from before is on its way to it.</summary>
    public async Task TakeOutAsync(int replica)
    {
        var before = Workers();
        await ReloadAsync(replica);
        await UntilAsync(() => !Workers().Intersect(before).Any());
    }

    public Task TakeInAsync() => ReloadAsync(null);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Assert.Equal(0, GuardedFolder.Signal(process.Id, GuardedFolder.SigTerm));
            await process.WaitForExitAsync();
        }

        process.Dispose();
        await folder.DisposeAsync();
    }

    private async Task ReloadAsync(int? without)
    {
        var before = Workers();
        Configure(without);
        Assert.Equal(0, GuardedFolder.Signal(process.Id, GuardedFolder.SigHangUp));
        await UntilAsync(() => Workers().Except(before).Any());
    }

    private HashSet<string> Workers() =>
        [.. File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "nginx did not follow.");
    }

    private void Configure(int? without)
    {
        var servers = replicas.Select(port => string.Create(
            CultureInfo.InvariantCulture, $"server 127.0.0.1:{port} max_fails=1 fail_timeout=1s{(port == without ? " down" : "")};"));
        var temporary = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(kind => $"{kind}_temp_path {folder.In(kind)};\n"));
        File.WriteAllText(
            folder.In("nginx.conf"),
            $$"""
            daemon off;
            worker_processes 1;
            pid {{folder.PidFile}};
            error_log {{folder.In("error.log")}};
            events { worker_connections 1024; }
            http {
                access_log off;
                {{temporary}}
                upstream replicas {
                    {{string.Join("\n        ", servers)}}
                    keepalive 32;
                }
                server {
                    listen 127.0.0.1:{{Port}};
                    client_max_body_size 0;
                    # A reload closes idle connections while a client may be sending its next request on one.
                    keepalive_timeout 0;
                    location / {
                        proxy_pass http://replicas;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $host;
                        proxy_request_buffering off;
                        proxy_read_timeout 300s;
                        proxy_next_upstream error timeout;
                    }
                }
            }
            """);
    }
}

/// <summary>A test that needs nginx and MariaDB; counted as skipped, with the reason, where one of them is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NginxFactAttribute : FactAttribute
{
    public NginxFactAttribute() => Skip = NginxBalancer.SkipReason;
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace ModelRegistry.Server.Caching.Redis;

/// <summary>
/// The way to Redis. It is used only after <see cref="VerifyAsync"/> has found out which server process answers, and not any more from the
/// first sign that it may be another one: a restarted Redis may have forgotten what was deleted.
/// </summary>
/// <remarks>
/// The client library reconnects by itself. The connection is therefore marked with a name when it is verified; the name is asked for behind
/// every command, and an answer counts only if it is still there.
/// </remarks>
internal sealed partial class RedisConnection(RedisAddress address, ILogger<RedisConnection> logger) : IDisposable
{
    private const int FailureLimit = 3;
    private static readonly TimeSpan CommandLimit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan VerifyLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(30);

    private ConnectionMultiplexer? multiplexer;
    private volatile RedisSession? session;
    private int failures;
    private long nextReport;
    private bool isReported;

    /// <summary>What was verified last; null while Redis cannot be used.</summary>
    public RedisSession? Session => session;

    /// <summary>Connects if need be, marks the connection, and finds out whom it leads to.</summary>
    public async Task VerifyAsync()
    {
        try
        {
            multiplexer ??= await ConnectionMultiplexer.ConnectAsync(Options());
            var database = multiplexer.GetDatabase();
            var mark = Guid.NewGuid().ToString("N");

            // If the mark is there at the end, it was set on this very connection, and what is in between came from its other end.
            var setting = database.ExecuteAsync("CLIENT", "SETNAME", mark);
            var info = database.ExecuteAsync("INFO", "server");
            var name = database.ExecuteAsync("CLIENT", "GETNAME");
            await Task.WhenAll(setting, info, name).WaitAsync(VerifyLimit);
            if ((string?)await name != mark)
                return;
            session = new RedisSession(mark, ServerId((string?)await info ?? ""));
            Volatile.Write(ref failures, 0);
            if (isReported)
                LogFoundAgain(address.Display);
            isReported = false;
        }
        catch (Exception e)
        {
            // Whatever it is: the library's failures have no common ancestor (RedisCommandException is no RedisException), and none of them
            // may be more to this server than a cache that cannot be used.
            session = null;
            CacheMetrics.Failure();
            Report(e.Message);
        }
    }

    /// <returns>Whether the command was done, by the server process of <paramref name="expected"/>, in time; and what it gave.</returns>
    public async ValueTask<(bool IsDone, T? Value)> TryAsync<T>(RedisSession expected, Func<IDatabase, Task<T>> command)
    {
        if (session != expected)
            return default;
        try
        {
            var database = multiplexer!.GetDatabase();
            var answer = command(database);
            var name = database.ExecuteAsync("CLIENT", "GETNAME");
            await Task.WhenAll(answer, name).WaitAsync(CommandLimit);
            if ((string?)await name == expected.Mark)
            {
                Volatile.Write(ref failures, 0);
                return (true, await answer);
            }

            Lose(expected, "the connection was replaced");
        }
        catch (TimeoutException)
        {
            // One late answer is no reason to start over: the library's own time limit is of this kind as well.
            if (Interlocked.Increment(ref failures) >= FailureLimit)
                Lose(expected, "it does not answer in time");
        }
        catch (Exception e)
        {
            // As above: a change is settled by way of the database then, and a read goes there.
            Lose(expected, e.Message);
        }

        CacheMetrics.Failure();
        return default;
    }

    public void Dispose() => multiplexer?.Dispose();

    private static string ServerId(string info)
    {
        var line = info.Split('\n').FirstOrDefault(line => line.StartsWith("run_id:", StringComparison.Ordinal));
        return line?["run_id:".Length..].Trim() ?? throw new IOException("INFO says no run_id");
    }

    private void Lose(RedisSession expected, string reason)
    {
        if (session != expected)
            return;
        session = null;
        Report(reason);
    }

    private void Report(string reason)
    {
        var now = Environment.TickCount64;
        if (now < Interlocked.Read(ref nextReport))
            return;
        Interlocked.Exchange(ref nextReport, now + (long)ReportInterval.TotalMilliseconds);
        isReported = true;
        LogLost(address.Display, reason.ReplaceLineEndings(" ").Split(';')[0].TrimEnd('.'));
    }

    private ConfigurationOptions Options()
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            AllowAdmin = true,
            ConnectTimeout = (int)VerifyLimit.TotalMilliseconds,
            Password = address.Password,
            DefaultDatabase = address.Database,
            Ssl = address.IsSecure,
            SslHost = address.Host,
            ClientName = "modelregistry",
            EndPoints = { { address.Host, address.Port } },
        };
        if (address.SslCa is { } file)
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(file);
            options.CertificateValidation += (_, certificate, _, errors) => IsSignedBy(authorities, certificate, errors);
        }

        return options;
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(new X509Certificate2(certificate));
    }

    [LoggerMessage(1401, LogLevel.Warning, "The cache {Address} answers again.")]
    private partial void LogFoundAgain(string address);

    [LoggerMessage(1402, LogLevel.Warning, "The cache {Address} cannot be used: {Reason}. Reads go to the database meanwhile.")]
    private partial void LogLost(string address, string reason);
}

/// <summary>A connection that leads to one known process of Redis.</summary>
/// <param name="Mark">The name that the connection was given.</param>
/// <param name="ServerId">What Redis calls its run id: another one after each start.</param>
internal sealed record RedisSession(string Mark, string ServerId);

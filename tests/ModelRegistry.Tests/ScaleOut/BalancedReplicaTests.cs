using System.Collections.Concurrent;
using System.Diagnostics;
using ModelRegistry.Tests.Concurrency;
using Xunit;

namespace ModelRegistry.Tests.ScaleOut;

/// <summary>Who calls three replicas through a load balancer sees one server.</summary>
[Trait("Database", "SQLite")]
public sealed class BalancedReplicaTests(BalancedReplicas replicas) : IClassFixture<BalancedReplicas>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [NginxFact]
    public Task Versions_created_at_once_get_consecutive_numbers() => RegistryRaces.VersionsAreNumberedOneByOneAsync(replicas.Crowd);

    [NginxFact]
    public Task Aliases_and_tags_of_one_model_can_be_written_by_many() => RegistryRaces.AliasesAndTagsOfOneModelNeverFailAsync(replicas.Crowd);

    [NginxFact]
    public Task Of_many_who_create_the_same_name_one_succeeds() => RegistryRaces.OneOfManyGetsANameAsync(replicas.Crowd);

    [NginxFact]
    public Task Many_writers_of_the_same_metrics_leave_the_latest_right() => RunRaces.LatestMetricsAreTheLatestAsync(replicas.Crowd);

    [NginxFact]
    public async Task A_rolling_restart_fails_no_request_and_loses_no_write()
    {
        var name = await replicas.Crowd.At(0).NewModelAsync();
        var answers = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(_ => Task.Run(WriteAsync)).ToArray();

        foreach (var (process, port) in replicas.Servers)
        {
            await UntilMoreAsync(answers, 30);
            await replicas.Balancer.TakeOutAsync(port);
            Assert.Equal(0, await process.StopAsync());
            await UntilMoreAsync(answers, 30);
            await process.StartAgainAsync();
            await replicas.Balancer.TakeInAsync();
        }

        await UntilMoreAsync(answers, 30);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Crowd.AssertAllOk(answers);
        Assert.Equal(Enumerable.Range(1, answers.Count), answers.Select(Number).Order());
        Assert.Equal(Enumerable.Range(1, answers.Count), await replicas.Crowd.At(0).VersionsAsync(name));

        async Task WriteAsync()
        {
            while (!stop.IsCancellationRequested)
                answers.Add(await replicas.Crowd.At(0).NewVersionAsync(name));
        }
    }

    /// <summary>Without telling the balancer: what was acknowledged is there, and nothing was done twice.</summary>
    [NginxFact]
    public async Task A_replica_that_is_killed_takes_no_acknowledged_write_along_and_no_write_is_repeated()
    {
        var name = await replicas.Crowd.At(0).NewModelAsync();
        var answers = new ConcurrentBag<Answer>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 6).Select(_ => Task.Run(WriteAsync)).ToArray();
        await UntilMoreAsync(answers, 30);

        await replicas.Servers[1].Process.KillAsync();
        await UntilMoreAsync(answers, 60);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await replicas.Servers[1].Process.StartAgainAsync();

        var acknowledged = answers.Where(answer => answer.Status == 200).Select(Number).ToList();
        var failed = answers.Where(answer => answer.Status != 200).ToList();
        var versions = await replicas.Crowd.At(0).VersionsAsync(name);
        Assert.All(failed, answer => Assert.Equal(502, answer.Status));
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.Empty(acknowledged.Except(versions));
        Assert.Equal(Enumerable.Range(1, versions.Count), versions);
        Assert.InRange(versions.Count, acknowledged.Count, acknowledged.Count + failed.Count);

        async Task WriteAsync()
        {
            while (!stop.IsCancellationRequested)
                answers.Add(await replicas.Crowd.At(0).NewVersionAsync(name));
        }
    }

    private static int Number(Answer answer) => int.Parse((string)answer.Json["model_version"]!["version"]!, null);

    private static async Task UntilMoreAsync(ConcurrentBag<Answer> answers, int more)
    {
        var before = answers.Count;
        for (var clock = Stopwatch.StartNew(); answers.Count < before + more; await Task.Delay(20))
            Assert.True(clock.Elapsed < Limit, "The writers do not get on.");
    }
}

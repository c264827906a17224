using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>Two servers on one database behave as one. They bring a MariaDB of their own, whatever the run is on.</summary>
[Trait("Database", "SQLite")]
public sealed class ReplicaTests(Replicas replicas) : IClassFixture<Replicas>
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(30);

    [MariaDbFact]
    public Task Versions_created_at_once_get_consecutive_numbers() => RegistryRaces.VersionsAreNumberedOneByOneAsync(replicas.Crowd);

    [MariaDbFact]
    public Task Aliases_and_tags_of_one_model_can_be_written_by_many() => RegistryRaces.AliasesAndTagsOfOneModelNeverFailAsync(replicas.Crowd);

    [MariaDbFact]
    public Task Of_many_who_create_the_same_name_one_succeeds() => RegistryRaces.OneOfManyGetsANameAsync(replicas.Crowd);

    [MariaDbFact]
    public Task A_rename_loses_no_version_created_meanwhile() => RegistryRaces.ARenameTakesAllVersionsAlongAsync(replicas.Crowd);

    [MariaDbFact]
    public Task Who_writes_to_a_model_being_deleted_succeeds_or_is_told_that_it_is_gone() =>
        RegistryRaces.ADeletedModelIsThereOrGoneAsync(replicas.Crowd);

    [MariaDbFact]
    public Task Many_writers_of_the_same_metrics_leave_the_latest_right() => RunRaces.LatestMetricsAreTheLatestAsync(replicas.Crowd);

    [MariaDbFact]
    public Task Who_writes_to_a_run_being_deleted_succeeds_or_is_told_that_it_is_deleted() =>
        RunRaces.ADeletedRunIsActiveOrDeletedAsync(replicas.Crowd);

    [MariaDbFact]
    public async Task A_killed_replica_loses_nothing_it_acknowledged()
    {
        var name = await replicas.Crowd.At(1).NewModelAsync();
        var acknowledged = new ConcurrentBag<int>();
        var writers = Enumerable.Range(0, 8).Select(writer => WriteAsync(writer % 2 == 0 ? replicas.First : replicas.Second)).ToArray();
        await UntilAsync(() => acknowledged.Count >= 40);

        await replicas.First.KillAsync();
        var before = acknowledged.Count;
        await UntilAsync(() => acknowledged.Count >= before + 40);
        await replicas.Second.StopAsync();
        await Task.WhenAll(writers);

        await replicas.StartAgainAsync();
        var versions = await replicas.Crowd.At(0).VersionsAsync(name);
        Assert.Equal(acknowledged.Count, acknowledged.Distinct().Count());
        Assert.Empty(acknowledged.Except(versions));
        Assert.Equal(Enumerable.Range(1, versions.Count), versions);

        async Task WriteAsync(ServerProcess server)
        {
            using var client = new HttpClient { BaseAddress = server.Url };
            try
            {
                for (var caller = new Caller(client); ;)
                {
                    var answer = await caller.NewVersionAsync(name);
                    Crowd.AssertAllOk([answer]);
                    acknowledged.Add(int.Parse((string)answer.Json["model_version"]!["version"]!, null));
                }
            }
            catch (HttpRequestException)
            {
                // The server is gone; this version was not acknowledged.
            }
        }
    }

    [MariaDbFact]
    public async Task A_restart_of_the_database_is_waited_for_or_answered_with_503_and_survived()
    {
        var acknowledged = new ConcurrentBag<string>();
        var refused = new ConcurrentBag<string?>();
        var others = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(() => WriteAsync(writer))).ToArray();
        await UntilAsync(() => acknowledged.Count >= 40);

        await replicas.MariaDb.KillAsync();
        await UntilAsync(() => refused.Count >= 8);
        await replicas.MariaDb.StartAgainAsync();
        var before = acknowledged.Count;
        await UntilAsync(() => acknowledged.Count >= before + 80);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        Assert.Empty(others);
        Assert.All(refused, retryAfter => Assert.Equal("1", retryAfter));
        foreach (var name in acknowledged)
            Crowd.AssertAllOk([await replicas.Crowd.At(0).SendAsync(HttpMethod.Get, $"registered-models/get?name={name}")]);

        async Task WriteAsync(int writer)
        {
            using var client = new HttpClient { BaseAddress = (writer % 2 == 0 ? replicas.First : replicas.Second).Url };
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                var name = $"restart-{writer}-{number}-{Guid.NewGuid():N}";
                using var answer = await client.PostAsJsonAsync("/api/2.0/mlflow/registered-models/create", new { name });
                var text = await answer.Content.ReadAsStringAsync();
                Crowd.AssertSilentOnSql(text);
                if (answer.StatusCode == HttpStatusCode.OK)
                    acknowledged.Add(name);
                else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    refused.Add(answer.Headers.RetryAfter?.ToString());
                else
                    others.Add(text);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RecoveryLimit);
        while (!condition())
            await Task.Delay(20, limit.Token);
    }
}

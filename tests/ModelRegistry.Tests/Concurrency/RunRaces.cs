using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>What is promised of runs when many write to them at once.</summary>
internal static class RunRaces
{
    private const int Writers = 32;
    private const int Rounds = 4;
    private static readonly string[] Keys = ["loss", "acc", "f1", "auc", "lr", "time"];

    /// <summary>All points are kept, and of each key the one with the greatest step, time and value is the latest.</summary>
    public static async Task LatestMetricsAreTheLatestAsync(Crowd crowd)
    {
        string[] runs = [await crowd.At(0).NewRunAsync(), await crowd.At(1).NewRunAsync(), await crowd.At(0).NewRunAsync()];

        var answers = await crowd.AtOnceAsync(Writers, Rounds, (number, round, caller) =>
            caller.PostAsync("runs/log-batch", Batch(runs[(number + round) % runs.Length], number, round)));

        Crowd.AssertAllOk(answers);
        for (var index = 0; index < runs.Length; index++)
        {
            var points = from number in Enumerable.Range(0, Writers)
                         from round in Enumerable.Range(0, Rounds)
                         where (number + round) % runs.Length == index
                         select Point(number, round);
            await AssertLatestAsync(crowd.At(index), runs[index], [.. points.Distinct()]);
        }
    }

    /// <summary>Only what a deleted run or experiment answers to one caller may be seen by many.</summary>
    public static async Task ADeletedRunIsActiveOrDeletedAsync(Crowd crowd)
    {
        var run = await crowd.At(0).NewRunAsync();

        var deletions = DeleteAsync();
        var answers = await crowd.AtOnceAsync(16, 6, (number, round, caller) => (number % 4) switch
        {
            0 => caller.PostAsync("runs/log-batch", Batch(run, number, round)),
            1 => caller.PostAsync("runs/set-tag", new { run_id = run, key = "mlflow.runName", value = $"{number}-{round}" }),
            2 => caller.PostAsync("runs/log-parameter", new { run_id = run, key = $"p{round}", value = "v" }),
            _ => caller.PostAsync("runs/update", new { run_id = run, status = "RUNNING", run_name = $"{number}" }),
        });
        await deletions;

        Assert.All(answers, answer => Assert.True(answer.Status == 200 || (answer.Status, answer.ErrorCode) == (400, "INVALID_PARAMETER_VALUE"), answer.Text));

        async Task DeleteAsync()
        {
            for (var round = 0; round < 10; round++)
                Crowd.AssertAllOk([await crowd.At(round).PostAsync(round % 2 == 0 ? "runs/delete" : "runs/restore", new { run_id = run })]);
        }
    }

    private static async Task AssertLatestAsync(Caller caller, string run, List<(int Step, double Value)> points)
    {
        var latest = points.OrderBy(point => point.Step).ThenBy(point => point.Value).Last();
        var found = await caller.SendAsync(HttpMethod.Get, $"runs/get?run_id={run}");
        var metrics = found.Json["run"]!["data"]!["metrics"]!.AsArray();
        Assert.Equal(Keys.Order(), metrics.Select(metric => (string)metric!["key"]!).Order());
        Assert.All(metrics, metric => Assert.Equal((latest.Step, latest.Value), ((int)metric!["step"]!, (double)metric["value"]!)));

        var history = await caller.SendAsync(HttpMethod.Get, $"metrics/get-history?run_id={run}&metric_key=loss&max_results=1000");
        Crowd.AssertAllOk([history]);
        Assert.Equal(points.Count, history.Json["metrics"]!.AsArray().Count);
    }

    private static object Batch(string run, int number, int round)
    {
        var (step, value) = Point(number, round);

        // Everybody has an order of their own: the surest way to a deadlock.
        var keys = Keys.OrderBy(key => (key.Length * 7 + key[0] * (number + 3)) % 11).ToArray();
        return new
        {
            run_id = run,
            metrics = keys.Select(key => new { key, value, timestamp = 1, step }),
            @params = new[] { new { key = "shared", value = "same" } },
            tags = keys.Select(key => new { key, value = $"{number}" }).Append(new { key = "mlflow.runName", value = $"by-{number}" }),
        };
    }

    // Some points coincide.
    private static (int Step, double Value) Point(int number, int round) => (number * 13 % 20 + round, number % 5);
}

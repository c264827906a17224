using System.Net.Http.Json;
using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>Many callers at once, spread evenly over the servers of one database.</summary>
internal sealed class Crowd(params HttpClient[] servers)
{
    // What databases say; "SQLite Error 5", "Duplicate entry", a statement, a constraint.
    private static readonly string[] DatabaseTalk = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "FOR UPDATE", "SQLite", "MySQL", "MariaDB", "Deadlock", "Duplicate entry", "CONSTRAINT"];

    /// <summary>All calls start together; each goes to the server its number falls on.</summary>
    public async Task<Answer[]> AtOnceAsync(int count, Func<int, Caller, Task<Answer>> call)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, count).Select(async number =>
        {
            await start.Task;
            return await call(number, At(number));
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(calls);
    }

    /// <summary>As <see cref="AtOnceAsync(int, Func{int, Caller, Task{Answer}})"/>, where each makes several calls one after the other.</summary>
    public async Task<List<Answer>> AtOnceAsync(int count, int rounds, Func<int, int, Caller, Task<Answer>> call)
    {
        var lists = await Task.WhenAll(Enumerable.Range(0, count).Select(async number =>
        {
            await Task.Yield();
            var answers = new List<Answer>();
            for (var round = 0; round < rounds; round++)
                answers.Add(await call(number, round, At(number + round)));
            return answers;
        }));
        return [.. lists.SelectMany(list => list)];
    }

    public Caller At(int number) => new(servers[number % servers.Length]);

    public static void AssertAllOk(IEnumerable<Answer> answers) => Assert.All(answers, answer => Assert.True(answer.Status == 200, answer.Text));

    internal static void AssertSilentOnSql(string text) =>
        Assert.All(DatabaseTalk, word => Assert.False(text.Contains(word, StringComparison.Ordinal), text));
}

/// <summary>Calls one server; no answer may tell what the database said.</summary>
internal sealed class Caller(HttpClient client)
{
    public Task<Answer> PostAsync(string call, object body) => SendAsync(HttpMethod.Post, call, body);

    public async Task<Answer> SendAsync(HttpMethod method, string call, object? body = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/2.0/mlflow/{call}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Crowd.AssertSilentOnSql(text);
        return new Answer((int)response.StatusCode, text);
    }

    public async Task<string> NewModelAsync(int versions = 0)
    {
        var name = $"model-{Guid.NewGuid():N}";
        Crowd.AssertAllOk([await PostAsync("registered-models/create", new { name })]);
        for (var version = 0; version < versions; version++)
            Crowd.AssertAllOk([await NewVersionAsync(name)]);
        return name;
    }

    public Task<Answer> NewVersionAsync(string name) => PostAsync("model-versions/create", new { name, source = "s3://bucket/model" });

    /// <summary>Numbers of the model's versions, ascending.</summary>
    public async Task<List<int>> VersionsAsync(string name)
    {
        var versions = new List<int>();
        for (var token = ""; token is not null;)
        {
            var page = await SendAsync(
                HttpMethod.Get, $"model-versions/search?max_results=1000&filter={Uri.EscapeDataString($"name = '{name}'")}&page_token={Uri.EscapeDataString(token)}");
            Crowd.AssertAllOk([page]);
            versions.AddRange((page.Json["model_versions"]?.AsArray() ?? []).Select(version => int.Parse((string)version!["version"]!, null)));
            token = (string?)page.Json["next_page_token"];
        }

        return [.. versions.Order()];
    }

    public async Task<string> NewRunAsync()
    {
        var created = await PostAsync("runs/create", new { experiment_id = "0", start_time = 1 });
        Crowd.AssertAllOk([created]);
        return (string)created.Json["run"]!["info"]!["run_id"]!;
    }
}

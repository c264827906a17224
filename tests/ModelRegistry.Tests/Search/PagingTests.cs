using System.Text;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Search;
using Xunit;

namespace ModelRegistry.Tests.Search;

/// <summary>23 rows of everything that is searched, many with equal times and some without any.</summary>
public sealed class PagingFixture : ServerFixture, IAsyncLifetime
{
    private const int Rows = 23;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        var name = new[] { "alpha", "Beta", "gamma ray", "δέλτα" };
        for (var i = 0; i < Rows; i++)
        {
            var tags = i % 3 == 0 ? new[] { new { key = "k", value = "v" } } : [];
            Assert.Equal(200, (await PostAsync("registered-models/create", new { name = $"{name[i % 4]} {i}", tags })).Status);
        }

        foreach (var i in Enumerable.Range(1, Rows))
        {
            var (id, time, experiment) = ($"{i * 7919 % 104729:d32}", i % 5 == 0 ? "NULL" : $"{100 + (i / 4)}", i % 3);
            string[] statements =
            [
                $"INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace) VALUES ({i}, 'e{i}', 'x', '{(i % 4 == 0 ? "deleted" : "active")}', {time}, {time}, 'default')",
                $"INSERT INTO runs (run_uuid, experiment_id, name, status, start_time, end_time, lifecycle_stage, artifact_uri, user_id) VALUES ('{id}', {experiment}, 'r', 'FINISHED', {time}, {time}, '{(i % 4 == 0 ? "deleted" : "active")}', 'x', '')",
                $"INSERT INTO model_versions (workspace, name, version, creation_time, last_updated_time, current_stage, status) VALUES ('default', '{name[i % 4]} {i % 4}', {i}, 1, {time}, 'None', 'READY')",
                $"INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage) VALUES ('{id}', {experiment}, 'm', 'x', {100 + (i / 4)}, {i}, 2, 'active')",
                $"INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('{id}', {experiment}, {100 + (i / 4)}, 'OK')",
                $"INSERT INTO webhooks (workspace, webhook_id, name, url, status, creation_timestamp, last_updated_timestamp) VALUES ('default', '{id}', 'w', 'https://localhost/', 'DISABLED', {time}, 1)",
                $"INSERT INTO evaluation_datasets (workspace, dataset_id, name, created_time, last_update_time) VALUES ('default', '{id}', 'd', {time}, 1)",
                $"INSERT INTO entity_associations (association_id, source_type, source_id, destination_type, destination_id, created_time) VALUES ('{id}', 'evaluation_dataset', '{id}', 'experiment', '{experiment}', 1)",
            ];
            foreach (var statement in statements)
                await ExecuteAsync(statement);
        }
    }
}

/// <summary>Pages put together are what one large page has, in its order: by the tokens that are given, and by tokens of an offset alone.</summary>
public sealed class PagingTests(PagingFixture server) : IClassFixture<PagingFixture>
{
    private const string Traces = """{"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}, {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}}], "order_by": [ORDER]}""";

    public static TheoryData<string, string, string, string> Searches => new()
    {
        { "experiments/search", "{}", "experiments", "experiment_id" },
        { "experiments/search", """{"view_type": "ALL"}""", "experiments", "experiment_id" },
        { "experiments/search", """{"view_type": "ALL", "order_by": ["last_update_time ASC"]}""", "experiments", "experiment_id" },
        { "experiments/search", """{"order_by": ["name ASC"], "filter": "name LIKE 'e1%'"}""", "experiments", "experiment_id" },
        { "runs/search", """{"experiment_ids": ["1"]}""", "runs", "info/run_id" },
        { "runs/search", """{"experiment_ids": ["0", "1", "2"], "run_view_type": "ALL"}""", "runs", "info/run_id" },
        { "runs/search", """{"experiment_ids": ["0", "2"], "order_by": ["attributes.end_time DESC"], "filter": "status = 'FINISHED'"}""", "runs", "info/run_id" },
        { "runs/search", """{"experiment_ids": ["0", "2"], "order_by": ["attributes.start_time ASC"]}""", "runs", "info/run_id" },
        { "runs/search", """{"experiment_ids": ["0", "2"], "order_by": ["metrics.m ASC"]}""", "runs", "info/run_id" },
        { "runs/search", """{"experiment_ids": ["1","2","3","4","5","6","7","8","9","10","11","12","13"], "order_by": ["run_id DESC"]}""", "runs", "info/run_id" },
        { "registered-models/search", "", "registered_models", "name" },
        { "registered-models/search", "?order_by=name%20DESC", "registered_models", "name" },
        { "registered-models/search", "?order_by=last_updated_timestamp%20DESC", "registered_models", "name" },
        { "registered-models/search", "?filter=tags.k%3D'v'", "registered_models", "name" },
        { "model-versions/search", "", "model_versions", "version" },
        { "model-versions/search", "?filter=name%3D'alpha%200'", "model_versions", "version" },
        { "model-versions/search", "?order_by=creation_timestamp%20ASC", "model_versions", "version" },
        { "logged-models/search", """{"experiment_ids": ["0", "1"]}""", "models", "info/model_id" },
        { "logged-models/search", """{"experiment_ids": ["0"], "order_by": [{"field_name": "last_updated_timestamp", "ascending": false}]}""", "models", "info/model_id" },
        { "logged-models/search", """{"experiment_ids": ["0", "2"], "order_by": [{"field_name": "model_type"}]}""", "models", "info/model_id" },
        { "/api/3.0/mlflow/traces/search", Traces.Replace("ORDER", "", StringComparison.Ordinal), "traces", "trace_id" },
        { "/api/3.0/mlflow/traces/search", Traces.Replace("ORDER", "\"timestamp_ms ASC\"", StringComparison.Ordinal), "traces", "trace_id" },
        { "/api/3.0/mlflow/traces/search", Traces.Replace("ORDER", "\"execution_time_ms ASC\"", StringComparison.Ordinal), "traces", "trace_id" },
        { "traces", "?experiment_ids=0&experiment_ids=2", "traces", "request_id" },
        { "webhooks", "", "webhooks", "webhook_id" },
        { "/api/3.0/mlflow/datasets/search", "{}", "datasets", "dataset_id" },
        { "/api/3.0/mlflow/datasets/search", """{"experiment_ids": ["1"]}""", "datasets", "dataset_id" },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task Pages_are_what_one_large_page_has(string path, string query, string list, string id)
    {
        var (whole, _) = await PageAsync(path, query, list, id, 100, null);
        Assert.InRange(whole.Count, 5, 24);
        Assert.Equal(whole.Count, whole.Distinct().Count());

        Assert.Equal(whole, await PagesAsync(path, query, list, id, token => token));
        if (!path.StartsWith("logged-models", StringComparison.Ordinal))
            Assert.Equal(whole, await PagesAsync(path, query, list, id, token => PageToken.Encode(PageToken.Decode(token))));
    }

    [Fact]
    public async Task Rows_that_come_before_a_page_while_it_is_being_asked_for_do_not_shift_it()
    {
        var (first, token) = await PageAsync("registered-models/search", "", "registered_models", "name", 4, null);
        Assert.Equal(200, (await server.PostAsync("registered-models/create", new { name = "Aaa" })).Status);

        var (second, _) = await PageAsync("registered-models/search", "", "registered_models", "name", 4, token);
        var (whole, _) = await PageAsync("registered-models/search", "", "registered_models", "name", 100, null);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "registered-models/delete", new { name = "Aaa" })).Status);

        Assert.Equal(whole.Except(["Aaa"]).Take(8), first.Concat(second));
    }

    [Theory]
    [InlineData("""{"offset": 2, "order": "e.name", "after": [1]}""", 2)]
    [InlineData("""{"offset": 2, "order": "e.creation_time DESC, e.experiment_id ASC", "after": [1]}""", 2)]
    [InlineData("""{"offset": 2, "order": 1, "after": {}}""", 2)]
    public async Task A_place_of_another_order_is_not_looked_at(string token, int skipped)
    {
        var (whole, _) = await PageAsync("experiments/search", "{}", "experiments", "experiment_id", 100, null);

        var (page, _) = await PageAsync("experiments/search", "{}", "experiments", "experiment_id", 100, Convert.ToBase64String(Encoding.UTF8.GetBytes(token)));

        Assert.Equal(whole.Skip(skipped), page);
    }

    [Fact]
    public async Task A_place_of_no_plain_values_is_refused()
    {
        var token = Convert.ToBase64String("""{"offset": 2, "order": "x", "after": [{}]}"""u8);

        var answer = await server.PostAsync("experiments/search", new { max_results = 1, page_token = token });

        Assert.Equal((400, "Invalid page token, parsed value={'offset': 2, 'order': 'x', 'after': [{}]}"), (answer.Status, answer.Message));
    }

    private async Task<List<string>> PagesAsync(string path, string query, string list, string id, Func<string, string> change)
    {
        var all = new List<string>();
        string? token = null;
        do
        {
            var (page, next) = await PageAsync(path, query, list, id, 4, token);
            Assert.InRange(page.Count, next is null ? 0 : 4, 4);
            all.AddRange(page);
            token = next is null ? null : change(next);
        }
        while (token is not null);
        return all;
    }

    /// <param name="query">The body of a POST; or, for a GET, nothing or what begins with a question mark.</param>
    private async Task<(List<string> Ids, string? Token)> PageAsync(string path, string query, string list, string id, int limit, string? token)
    {
        Answer answer;
        if (query.StartsWith('{'))
        {
            var body = JsonNode.Parse(query)!;
            body["max_results"] = limit;
            if (token is not null)
                body["page_token"] = token;
            answer = await server.PostAsync(path, body);
        }
        else
        {
            answer = await server.GetAsync($"{path}{query}{(query.Length == 0 ? '?' : '&')}max_results={limit}&page_token={Uri.EscapeDataString(token ?? "")}");
        }

        Assert.True(answer.Status == 200, answer.Text);
        var ids = (answer.Json[list]?.AsArray() ?? []).Select(item => id.Split('/').Aggregate(item!, (node, name) => node[name]!).ToString()).ToList();
        return (ids, (string?)answer.Json["next_page_token"]);
    }
}

using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>
/// What each hot call asks the database, explained by the database: with tables of a few thousand rows, no statement may read one of them
/// whole, and no page in its default order may sort more than it answers.
/// </summary>
public sealed class QueryPlanTests(QueryPlanTests.FilledServer server) : IClassFixture<QueryPlanTests.FilledServer>
{
    private const string Run = "00000000000000000000000000000007";

    [Theory]
    [InlineData("GET", "registered-models/alias?name=model-7&alias=champion", "")]
    [InlineData("GET", "registered-models/get?name=model-7", "")]
    [InlineData("GET", "model-versions/get?name=model-7&version=1", "")]
    [InlineData("GET", "model-versions/get-download-uri?name=model-7&version=1", "")]
    [InlineData("GET", "registered-models/get-latest-versions?name=model-7", "")]
    [InlineData("POST", "model-versions/create", """{"name": "model-7", "source": "s3://b/m", "tags": [{"key": "k", "value": "v"}]}""")]
    [InlineData("POST", "registered-models/alias", """{"name": "model-7", "alias": "a", "version": "1"}""")]
    [InlineData("POST", "registered-models/set-tag", """{"name": "model-7", "key": "k", "value": "v"}""")]
    [InlineData("POST", "model-versions/set-tag", """{"name": "model-7", "version": "1", "key": "k", "value": "v"}""")]
    [InlineData("POST", "model-versions/transition-stage", """{"name": "model-7", "version": "1", "stage": "Staging", "archive_existing_versions": true}""")]
    [InlineData("GET", "experiments/get?experiment_id=7", "")]
    [InlineData("GET", "experiments/get-by-name?experiment_name=experiment-7", "")]
    [InlineData("GET", $"runs/get?run_id={Run}", "")]
    [InlineData("POST", "runs/create", """{"experiment_id": "7", "start_time": 1}""")]
    [InlineData("POST", "runs/update", $$"""{"run_id": "{{Run}}", "status": "FINISHED", "end_time": 2}""")]
    [InlineData("POST", "runs/log-metric", $$"""{"run_id": "{{Run}}", "key": "m", "value": 1, "timestamp": 1}""")]
    [InlineData("POST", "runs/log-parameter", $$"""{"run_id": "{{Run}}", "key": "q", "value": "1"}""")]
    [InlineData("POST", "runs/set-tag", $$"""{"run_id": "{{Run}}", "key": "t", "value": "1"}""")]
    [InlineData("POST", "runs/log-batch", $$"""{"run_id": "{{Run}}", "metrics": [{"key": "m", "value": 1, "timestamp": 1}], "params": [{"key": "p", "value": "1"}], "tags": [{"key": "t"}]}""")]
    [InlineData("GET", $"metrics/get-history?run_id={Run}&metric_key=m", "")]
    [InlineData("POST", "runs/search", """{"experiment_ids": ["7"], "filter": "metrics.m > 0.5 and params.p = '1' and tags.t = 'x'"}""")]
    public async Task A_hot_call_reads_no_table_whole(string method, string path, string body)
    {
        var (steps, _) = await server.ExplainAsync(method, path, body);

        Assert.DoesNotContain(steps, step => step.ReadsWholeTable(steps));
    }

    [Theory]
    [InlineData("GET", "registered-models/search?max_results=50", "")]
    [InlineData("GET", "registered-models/search?max_results=50&filter=tags.`mlflow.prompt.is_prompt`%3D'true'", "")]
    [InlineData("GET", "model-versions/search?max_results=50", "")]
    [InlineData("GET", "model-versions/search?max_results=50&filter=name%3D'many'", "")]
    [InlineData("GET", "model-versions/search?max_results=50&filter=run_id%3D'00000000000000000000000000000007'", "")]
    [InlineData("POST", "runs/search", """{"experiment_ids": ["1"], "max_results": 50}""")]
    [InlineData("POST", "runs/search", """{"experiment_ids": ["1"], "max_results": 50, "run_view_type": "ALL"}""")]
    [InlineData("POST", "runs/search", """{"experiment_ids": ["1", "2", "3"], "max_results": 50, "order_by": ["attributes.start_time DESC"]}""")]
    [InlineData("POST", "experiments/search", """{"max_results": 50}""")]
    [InlineData("POST", "experiments/search", """{"max_results": 50, "view_type": "ALL"}""")]
    [InlineData("POST", "logged-models/search", """{"experiment_ids": ["1"], "max_results": 50}""")]
    [InlineData("POST", "logged-models/search", """{"experiment_ids": ["1", "2"], "max_results": 50}""")]
    [InlineData("POST", "/api/3.0/mlflow/traces/search", """{"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}}], "max_results": 50}""")]
    [InlineData("POST", "/api/3.0/mlflow/traces/search", """{"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "1"}}], "max_results": 50, "order_by": ["timestamp_ms DESC"]}""")]
    [InlineData("GET", "traces?experiment_ids=1&experiment_ids=2&max_results=50", "")]
    [InlineData("GET", "webhooks?max_results=50", "")]
    [InlineData("POST", "/api/3.0/mlflow/datasets/search", """{"max_results": 50}""")]
    [InlineData("GET", "/api/3.0/mlflow/datasets/00000000000000000000000000000007/records?max_results=50", "")]
    public async Task A_page_in_the_default_order_costs_what_it_answers(string method, string path, string body)
    {
        var first = await server.ExplainAsync(method, path, body);
        Assert.DoesNotContain(first.Steps, step => step.ReadsWholeTable(first.Steps) || step.SortsMany(first.Steps));
        if (first.NextPageToken is not { } token)
            return;
        var next = body.Length == 0
            ? await server.ExplainAsync(method, $"{path}&page_token={Uri.EscapeDataString(token)}", body)
            : await server.ExplainAsync(method, path, $"{body[..^1]}, \"page_token\": \"{token}\"}}");
        Assert.DoesNotContain(next.Steps, step => step.ReadsWholeTable(next.Steps) || step.SortsMany(next.Steps));
    }

    [Theory]
    [InlineData($"metrics/get-history?run_id={Run}&metric_key=m&max_results=50")]
    [InlineData($"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={Run}&run_id=00000000000000000000000000000008&metric_key=m&max_results=50")]
    [InlineData($"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={Run}&run_ids=00000000000000000000000000000008&metric_key=m&max_results=50")]
    public async Task Points_are_found_by_their_run(string path)
    {
        var steps = (await server.ExplainAsync("GET", path, "")).Steps.Where(step => step.IsOf("metrics", "m")).ToList();

        Assert.NotEmpty(steps);
        Assert.All(steps, step => Assert.Contains("index_metrics_run_uuid", step.Detail ?? step.Key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("tags", "t")]
    [InlineData("params", "p")]
    public async Task Runs_with_one_value_are_found_by_it_where_the_planner_counts(string table, string key)
    {
        var (steps, _) = await server.ExplainAsync("POST", "runs/search", $$"""{"experiment_ids": ["1"], "filter": "{{table}}.{{key}} = 'rare'"}""");
        var step = Assert.Single(steps, step => step.IsOf(table, "f0"));

        if (TestDatabase.IsMariaDb)
            Assert.Equal($"mr_{table}_value", step.Key);
        else
            Assert.EndsWith($"sqlite_autoindex_{table}_1 (key=? AND run_uuid=?)", step.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tags", "t = 'x'")]
    [InlineData("params", "p = '1'")]
    [InlineData("metrics", "m > 0.5")]
    public async Task Runs_with_a_common_value_are_read_in_their_order_until_the_page_is_full(string table, string condition)
    {
        var (steps, _) = await server.ExplainAsync("POST", "runs/search", $$"""{"experiment_ids": ["1"], "filter": "{{table}}.{{condition}}", "max_results": 50}""");

        Assert.DoesNotContain(steps, step => step.ReadsWholeTable(steps) || step.SortsMany(steps));
        Assert.Contains(steps, step => (step.Detail ?? step.Key)?.Contains("mr_runs_experiment_start", StringComparison.Ordinal) is true);
    }

    [Fact]
    public async Task Datasets_of_an_experiment_are_found_by_their_ids()
    {
        var (steps, _) = await server.ExplainAsync("POST", "/api/3.0/mlflow/datasets/search", """{"experiment_ids": ["1"], "max_results": 50}""");

        Assert.DoesNotContain(steps, step => step.ReadsWholeTable(steps) || step.Detail?.StartsWith("SCAN d USING INDEX mr_", StringComparison.Ordinal) is true);
    }

    /// <summary>The text of plans is the database's own and changes with its versions: what reads it must not go blind.</summary>
    [Theory]
    [InlineData("SELECT r.run_uuid FROM runs r WHERE r.end_time = 1 LIMIT 5", true, false)]
    [InlineData("SELECT run_uuid FROM runs WHERE end_time = 1 LIMIT 5", true, false)]
    [InlineData("SELECT r.run_uuid FROM runs r WHERE r.experiment_id = 1 ORDER BY r.end_time LIMIT 5", false, true)]
    [InlineData("SELECT t.value FROM runs r JOIN tags t ON t.run_uuid = r.run_uuid WHERE r.end_time = 1 ORDER BY t.value LIMIT 5", true, true)]
    [InlineData("SELECT b.n FROM (SELECT r.end_time AS n FROM runs r WHERE r.end_time = 1 LIMIT 5) b ORDER BY b.n LIMIT 5", true, false)]
    [InlineData("SELECT r.end_time FROM runs r WHERE r.run_uuid = 'x' LIMIT 5", false, false)]
    public async Task A_plan_that_reads_or_sorts_a_table_whole_is_recognised(string sql, bool readsWhole, bool sorts)
    {
        var steps = await server.ExplainAsync(sql);

        Assert.Equal((readsWhole, sorts), (steps.Exists(step => step.ReadsWholeTable(steps)), steps.Exists(step => step.SortsMany(steps))));
    }

    /// <summary>A server whose tables are long enough for indexes to matter.</summary>
    public sealed class FilledServer : ServerFixture
    {
        private const int Rows = 2500;

        // 50 by 50: the depth of a recursion is limited.
        private const string Numbers =
            "WITH RECURSIVE a(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM a WHERE i < 49), n(i) AS (SELECT x.i * 50 + y.i FROM a x JOIN a y)";

        private static readonly (string Table, string Columns, string Values)[] Content =
        [
            ("registered_models", "workspace, name, creation_time, last_updated_time", $"'default', {Text("model-")}, i, i"),
            ("model_versions", "workspace, name, version, creation_time, last_updated_time, current_stage, run_id, storage_location", $"'default', {Text("model-")}, 1, i, i, 'None', {Id}, 's3://b/m'"),
            ("registered_model_tags", "workspace, name, \"key\", value", $"'default', {Text("model-")}, 'k', 'v'"),
            ("model_version_tags", "workspace, name, version, \"key\", value", $"'default', {Text("model-")}, 1, 'k', 'v'"),
            ("registered_model_aliases", "workspace, name, alias, version", $"'default', {Text("model-")}, 'champion', 1"),
            ("experiments", "workspace, experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time", $"'default', i + 1, {Text("experiment-")}, 'x', 'active', i, i"),
            ("runs", "run_uuid, experiment_id, name, status, start_time, lifecycle_stage, artifact_uri, user_id", $"{Id}, 1, 'n', 'RUNNING', i, 'active', 'x', ''"),
            ("tags", "run_uuid, \"key\", value", $"{Id}, 't', 'x'"),
            ("params", "run_uuid, \"key\", value", $"{Id}, 'p', '1'"),
            ("latest_metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"{Id}, 'm', i, i, 0, 0"),
            ("metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"{Id}, 'm', i, i, 0, 0"),
            ("logged_models", "model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage", $"{Id}, 1, 'n', 'x', i, i, 2, 'active'"),
            ("trace_info", "request_id, experiment_id, timestamp_ms, status", $"{Id}, 1, i, 'OK'"),
            ("registered_models", "workspace, name, creation_time, last_updated_time", $"'default', {Text("prompt-")}, i, i"),
            ("registered_model_tags", "workspace, name, \"key\", value", $"'default', {Text("prompt-")}, 'mlflow.prompt.is_prompt', 'true'"),
            ("model_versions", "workspace, name, version, creation_time, last_updated_time, current_stage, storage_location", "'default', 'many', i + 1, i, i, 'None', 's3://b/m'"),
            ("webhooks", "workspace, webhook_id, name, url, status, creation_timestamp, last_updated_timestamp", $"'default', {Id}, 'w', 'https://localhost/', 'DISABLED', i, i"),
            ("evaluation_datasets", "workspace, dataset_id, name, created_time, last_update_time", $"'default', {Id}, 'd', i, i"),
            ("evaluation_dataset_records", "dataset_record_id, dataset_id, inputs, input_hash, created_time, last_update_time", $"{Id}, '{Run}', '{{}}', {Id}, i, i"),
        ];

        private Database database = null!;
        private string connectionString = "";

        /// <summary>The number as 32 digits.</summary>
        private static string Id => TestDatabase.IsMariaDb ? "LPAD(i, 32, '0')" : "printf('%032d', i)";

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            database = App.Services.GetRequiredService<Databases>().Tracking;
            await database.ReadAsync(scope => Task.FromResult(connectionString = scope.CreateCommand("").Connection!.ConnectionString), CancellationToken.None);
            await database.WriteAsync(
                async scope =>
                {
                    await scope.ExecuteAsync("INSERT INTO registered_models (workspace, name, creation_time, last_updated_time) VALUES ('default', 'many', 1, 1)");
                    foreach (var (table, columns, values) in Content)
                        await scope.ExecuteAsync($"INSERT INTO {table} ({columns}) {Numbers} SELECT {values} FROM n WHERE i < {Rows}");
                },
                CancellationToken.None);
            if (!TestDatabase.IsMariaDb)
                return; // It plans without counts, unless somebody asks for them.
            foreach (var table in Content.Select(each => each.Table).Distinct())
                await ExecuteAsync($"ANALYZE TABLE {table}");
        }

        /// <summary>Makes the call, and has the database explain every statement it led to.</summary>
        public async Task<(List<PlanStep> Steps, string? NextPageToken)> ExplainAsync(string method, string path, string body)
        {
            string? token;
            var statements = new List<(string Sql, SqlParameters Values)>();
            using (var recorder = new Recorder(connectionString, statements))
            {
                var url = path.StartsWith('/') ? path : $"/api/2.0/mlflow/{path}";
                using var request = new HttpRequestMessage(new HttpMethod(method), url);
                if (body.Length > 0)
                    request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
                using var answer = await Client.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.IsSuccessStatusCode, text);
                token = (string?)JsonNode.Parse(text)!["next_page_token"];
            }

            Assert.NotEmpty(statements);
            var plan = new List<PlanStep>();
            foreach (var (sql, values) in statements.Where(statement => IsExplainable(statement.Sql)))
                plan.AddRange(await ExplainAsync(sql, values));
            return (plan, token);
        }

        /// <summary>Has the database explain a statement.</summary>
        internal Task<List<PlanStep>> ExplainAsync(string sql, SqlParameters? values = null) => database.ReadAsync(
            async scope =>
            {
                var steps = await scope.QueryAsync<PlanStep>((TestDatabase.IsMariaDb ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + sql, values);
                return steps.ConvertAll(step => step with { Sql = sql });
            },
            CancellationToken.None);

        private static string Text(string prefix) => TestDatabase.IsMariaDb ? $"CONCAT('{prefix}', i)" : $"'{prefix}' || i";

        private static bool IsExplainable(string sql) =>
            sql.TrimStart().Split(' ', '\n')[0] is "SELECT" or "UPDATE" or "DELETE" && !sql.Contains("RETURNING", StringComparison.Ordinal);
    }

    /// <summary>A line of a plan; the names are those of the databases' answers.</summary>
    public sealed record PlanStep
    {
        // Fewer than this no index could spare.
        private const int Many = 500;

        public string Sql { get; init; } = "";

        /// <summary>SQLite's columns: the step, the one that it is a part of, and what it does.</summary>
        public long? Id { get; init; }

        public long? Parent { get; init; }

        public string? Detail { get; init; }

        public string? Table { get; init; }

        public string? Type { get; init; }

        public string? Key { get; init; }

        /// <summary>On MariaDB the number of rows, and behind it the share that a filter of row ids leaves: "1 (0%)".</summary>
        public string? Rows { get; init; }

        private long? RowCount => Rows is null ? null : long.Parse(Rows.Split(' ')[0], CultureInfo.InvariantCulture);

        public string? Extra { get; init; }

        public bool ReadsWholeTable(IReadOnlyCollection<PlanStep> all) =>
            Detail is not null
                ? Scanned is { } name && !IsSubquery(name, all) && TableOf(name) is not ("webhooks" or "webhook_events")
                : Type is "ALL" or "index" && RowCount > Many && Table?.StartsWith('<') is false;

        /// <summary>
        /// Not what is answered whole, nor what subqueries have limited to a page each, nor rows that an index has in their order but for the last terms.
        /// </summary>
        public bool SortsMany(IReadOnlyCollection<PlanStep> all) => Detail is not null
            ? Sql.Contains("LIMIT", StringComparison.Ordinal) && Detail.Contains("USE TEMP B-TREE FOR ORDER BY", StringComparison.Ordinal)
                && !all.Any(step => step.Sql == Sql && step.Parent == Parent && step.Scanned is { } name && IsSubquery(name, all))
            : RowCount > Many && Extra?.Contains("filesort", StringComparison.Ordinal) is true;

        public bool IsOf(string table, string alias) => Detail is not null ? Name == alias && TableOf(alias) == table : Table == alias;

        /// <summary>On SQLite, what is read from its first row to its last, with an index or without: a table or a subquery.</summary>
        private string? Scanned => Detail?.StartsWith("SCAN ", StringComparison.Ordinal) is true ? Name : null;

        /// <summary>On SQLite, the second word: the alias of what is read, or its name if it has no other.</summary>
        private string? Name => Detail?.Split(' ') is [_, var name, ..] ? name : null;

        // SQLite calls both by their alias; what makes a subquery is a step of its own.
        private bool IsSubquery(string name, IEnumerable<PlanStep> all) =>
            name.StartsWith('(') || name == "CONSTANT" || all.Any(step => step.Sql == Sql && (step.Detail == $"CO-ROUTINE {name}" || step.Detail == $"MATERIALIZE {name}"));

        private string TableOf(string alias) =>
            Regex.Match(Sql, $@"\b(?:FROM|JOIN|UPDATE)\s+(\w+)\s+(?:AS\s+)?{Regex.Escape(alias)}\b").Groups is [_, { Success: true, Value: var table }] ? table : alias;
    }

    /// <summary>Writes down the statements that go to one database.</summary>
    private sealed class Recorder : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly string connectionString;
        private readonly List<(string Sql, SqlParameters Values)> statements;
        private readonly List<IDisposable> subscriptions = [];

        public Recorder(string connectionString, List<(string Sql, SqlParameters Values)> statements)
        {
            this.connectionString = connectionString;
            this.statements = statements;
            subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
        }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "ModelRegistry.Server.Data")
                subscriptions.Add(value.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is not DbCommand command || command.Connection!.ConnectionString != connectionString)
                return;
            var values = new SqlParameters();
            foreach (DbParameter parameter in command.Parameters)
                values.Add(parameter.ParameterName, parameter.Value);
            lock (statements)
                statements.Add((command.CommandText, values));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            foreach (var subscription in subscriptions)
                subscription.Dispose();
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using Dapper;
using ModelRegistry.Benchmarks.Load;

namespace ModelRegistry.Benchmarks.Growth;

/// <summary>
/// Fills the tables of a database by SQL. Times are mixed, so that the rows of a page lie apart from each other, as they do where many work at a time.
/// </summary>
internal sealed class GrowthData(BenchDatabase database)
{
    public const string LargeDataset = "00000000000000000000000000000000";
    public const string HistoryRun = "00000000000000000000000000000001";
    public const string LongHistoryRun = "00000000000000000000000000000002";

    private const int HistoryPoints = 10_000;
    private const int Chunk = 100_000;
    private const string Id = "SUBSTR('00000000000000000000000000000000' || i, -32)";
    private const string Time = "1700000000000 + (i * 7919) % {rows}";
    private const string Experiment = "1 + i % 4";
    private const string Model = "SUBSTR('0000000' || i, -7) || CASE i % 2 WHEN 0 THEN '-prompt' ELSE '-model' END";

    /// <summary>Numbers from {from} to {to}; the depth of a recursion is limited.</summary>
    private const string Numbers =
        """
        WITH RECURSIVE a(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM a WHERE i < 99),
            n(i) AS (SELECT {from} + x.i * 10000 + y.i * 100 + z.i FROM a x JOIN a y JOIN a z WHERE x.i < 10)
        """;

    /// <summary>Table, columns, the values of row i, and which rows there are.</summary>
    private static readonly (string Table, string Columns, string Values, string Where)[] Content =
    [
        ("experiments", "workspace, experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time",
            $"'default', i + 1, 'experiment-' || i, 'x', 'active', {Time}, {Time}", ""),
        ("runs", "run_uuid, experiment_id, name, source_type, status, start_time, end_time, lifecycle_stage, artifact_uri, user_id",
            $"{Id}, {Experiment}, 'run-' || i, 'UNKNOWN', 'FINISHED', {Time}, {Time}, 'active', 's3://bucket/' || i, 'user'", ""),
        ("latest_metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"{Id}, 'm', i * 7919 % 1000, {Time}, 0, 0", ""),
        ("params", "run_uuid, \"key\", value", $"{Id}, 'p', i % 10", ""),
        ("tags", "run_uuid, \"key\", value", $"{Id}, 'mlflow.runName', 'run-' || i", ""),
        ("metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"{Id}, 'loss', i, {Time}, 0, 0", ""),
        ("metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"'{HistoryRun}', 'loss', i, 1700000000000 + {{rows}} + i, i, 0", $" AND i > 1 AND i <= {HistoryPoints}"),
        ("metrics", "run_uuid, \"key\", value, timestamp, step, is_nan", $"'{LongHistoryRun}', 'loss', i, 1700000000000 + i, i, 0", " AND i > 2"),
        ("registered_models", "workspace, name, creation_time, last_updated_time", $"'default', {Model}, {Time}, {Time}", ""),
        ("registered_models", "workspace, name, creation_time, last_updated_time", "'default', 'many', 1, 1", " AND i = 0"),
        ("registered_model_tags", "workspace, name, \"key\", value", $"'default', {Model}, 'mlflow.prompt.is_prompt', 'true'", " AND i % 2 = 0"),
        ("model_versions", "workspace, name, version, creation_time, last_updated_time, current_stage, status, storage_location",
            $"'default', {Model}, 1, {Time}, {Time}, 'None', 'READY', 's3://bucket/model'", ""),
        ("model_versions", "workspace, name, version, creation_time, last_updated_time, current_stage, status, storage_location",
            "'default', 'many', i + 1, 1600000000000 + i, 1600000000000 + i, 'None', 'READY', 's3://bucket/model'", ""),
        ("model_version_tags", "workspace, name, version, \"key\", value", $"'default', {Model}, 1, 'mlflow.prompt.is_prompt', 'true'", " AND i % 2 = 0"),
        ("logged_models", "model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage",
            $"{Id}, {Experiment}, 'model', 's3://bucket/' || i, {Time}, {Time}, 2, 'active'", ""),
        ("trace_info", "request_id, experiment_id, timestamp_ms, execution_time_ms, status", $"{Id}, {Experiment}, {Time}, 5, 'OK'", ""),
        ("trace_tags", "request_id, \"key\", value", $"{Id}, 'mlflow.traceName', 'trace-' || i", ""),
        ("webhooks", "workspace, webhook_id, name, url, status, creation_timestamp, last_updated_timestamp",
            $"'default', {Id}, 'webhook-' || i, 'https://localhost/', 'DISABLED', {Time}, {Time}", ""),
        ("webhook_events", "webhook_id, entity, action", $"{Id}, 'REGISTERED_MODEL', 'CREATED'", ""),
        ("evaluation_datasets", "workspace, dataset_id, name, created_time, last_update_time", $"'default', {Id}, 'dataset-' || i, {Time}, {Time}", ""),
        ("entity_associations", "association_id, source_type, source_id, destination_type, destination_id, created_time",
            $"{Id}, 'evaluation_dataset', {Id}, 'experiment', 1 + i % ({{rows}} / 20), 1", ""),
        ("evaluation_dataset_records", "dataset_record_id, dataset_id, inputs, input_hash, created_time, last_update_time",
            $"{Id}, '{LargeDataset}', '{{\"question\": 1}}', {Id}, {Time}, {Time}", ""),
    ];

    /// <param name="contender">Whose database; the tables are there.</param>
    /// <param name="rows">Of each table.</param>
    public async Task FillAsync(string contender, int rows, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using var connection = await database.OpenAsync(contender, cancellationToken);
        foreach (var (table, columns, values, where) in Content)
        {
            var start = clock.Elapsed;
            for (var from = 0; from < rows; from += Chunk)
            {
                var numbers = Numbers.Replace("{from}", from.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                var row = values.Replace("{rows}", rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                await connection.ExecuteAsync(new CommandDefinition(
                    $"INSERT INTO {table} ({columns}) {numbers} SELECT {row} FROM n WHERE i < {rows}{where}", cancellationToken: cancellationToken));
            }

            Console.Error.WriteLine($"{database.Title}: {contender}: {table}: {(clock.Elapsed - start).TotalSeconds:0.0} s");
        }

        await database.AnalyzeAsync(connection, Content.Select(each => each.Table).Distinct());
        Console.Error.WriteLine($"{database.Title}: {contender}: filled in {clock.Elapsed.TotalSeconds:0} s");
    }
}

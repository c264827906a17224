using System.Text.Json;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Search;
using ModelRegistry.Server.Tracking;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Rows of <c>evaluation_dataset_records</c>, and what of the dataset changes with them.</summary>
internal sealed class DatasetRecordStore(TrackingDatabase database, TrackingWriter writer, TimeProvider time)
{
    private static readonly string[] Columns =
    [
        "dataset_record_id", "dataset_id", "inputs", "outputs", "expectations", "tags", "source", "source_id", "source_type",
        "created_time", "last_update_time", "created_by", "last_updated_by", "input_hash",
    ];

    private static readonly PageOrder<DatasetRecordRow> Order = new(
    [
        new("r.created_time", Ascending: true, row => row.CreatedTime),
        new("r.dataset_record_id", Ascending: true, row => row.DatasetRecordId),
    ]);

    private static readonly string[] MergedColumns = ["outputs", "expectations", "tags", "last_update_time", "last_updated_by"];

    /// <summary>Adds records; one whose inputs are there already is merged into the record that has them.</summary>
    public Task<UpsertDatasetRecordsResponse> UpsertAsync(
        Caller caller, string id, IReadOnlyList<DatasetRecordInput> records, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                // The lock keeps two writers from adding records with the same inputs.
                var dataset = await EvaluationDatasetStore.FindRowAsync(scope, caller.Workspace, id, scope.Dialect.ForUpdate);
                if (dataset is null)
                {
                    return records.Count == 0
                        ? new UpsertDatasetRecordsResponse(0, 0)
                        : throw ApiException.BadRequest($"Evaluation dataset with id '{id}' not found");
                }

                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var rows = await FindByHashAsync(scope, id, records);
                var known = rows.Count;
                foreach (var record in records)
                    rows[record.Hash] = rows.TryGetValue(record.Hash, out var row) ? row.Merge(record, now) : DatasetRecordRow.New(id, record, now);
                await SaveAsync(scope, [.. rows.Values]);
                await UpdateDatasetAsync(scope, dataset, records, now);
                return new UpsertDatasetRecordsResponse(rows.Count - known, records.Count - (rows.Count - known));
            },
            cancellationToken);

    /// <summary>A page of records in the order in which they were made; none for a dataset that is not there.</summary>
    public Task<DatasetRecordPage> ListAsync(
        Workspace workspace, string id, int limit, DatasetRecordCursor cursor, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var conditions = new SearchConditions(scope.Dialect);
                conditions.Add($"r.dataset_id = {conditions.Parameter(id)} AND r.created_time IS NOT NULL");
                conditions.Add(
                    $"EXISTS (SELECT 1 FROM evaluation_datasets d WHERE d.dataset_id = r.dataset_id AND d.workspace = {conditions.Parameter(workspace.Name)})");
                var page = new PageSql(string.Join(", ", Columns.Select(column => $"r.{column}")), "evaluation_dataset_records r", "r", ["dataset_record_id"], Order.Sql)
                {
                    After = Order.After(cursor.RecordId is null ? null : Order.Sql, [cursor.Time, cursor.RecordId], conditions),
                };
                var rows = await scope.QueryAsync<DatasetRecordRow>(page.Build(conditions, limit + 1L, cursor.Offset), conditions.Parameters);
                if (rows.Count <= limit)
                    return new DatasetRecordPage(rows, null);
                rows.RemoveAt(rows.Count - 1);
                return new DatasetRecordPage(rows, DatasetRecordCursor.After(rows[^1]));
            },
            cancellationToken);

    /// <returns>How many there were.</returns>
    public Task<int> DeleteAsync(Caller caller, string id, IReadOnlyList<string> recordIds, CancellationToken cancellationToken) =>
        writer.WriteUnauditedAsync(
            async scope =>
            {
                if (await EvaluationDatasetStore.FindRowAsync(scope, caller.Workspace, id, scope.Dialect.ForUpdate) is not { } dataset)
                    return 0;
                var deleted = await scope.ExecuteInChunksAsync(
                    "DELETE FROM evaluation_dataset_records WHERE dataset_id = @id AND dataset_record_id IN @ids", recordIds, ids => new { id, ids });
                if (deleted > 0)
                    await SetProfileAsync(scope, id, ProfileOf(CountOf(dataset.Profile) - deleted));
                return deleted;
            },
            cancellationToken);

    private static async Task<OrderedDictionary<string, DatasetRecordRow>> FindByHashAsync(
        SqlScope scope, string id, IReadOnlyList<DatasetRecordInput> records)
    {
        var found = await scope.QueryInChunksAsync<string, DatasetRecordRow>(
            $"SELECT {string.Join(", ", Columns)} FROM evaluation_dataset_records WHERE dataset_id = @id AND input_hash IN @hashes",
            records.Select(record => record.Hash).Distinct(),
            hashes => new { id, hashes });
        var rows = new OrderedDictionary<string, DatasetRecordRow>();
        foreach (var row in found)
            rows[row.InputHash] = row;
        return rows;
    }

    private static Task SaveAsync(SqlScope scope, IReadOnlyList<DatasetRecordRow> rows) =>
        scope.InsertAsync(
            "evaluation_dataset_records",
            Columns,
            [
                .. rows.Select(row => new object?[]
                {
                    row.DatasetRecordId, row.DatasetId, row.Inputs, row.Outputs, row.Expectations, row.Tags, row.Source, row.SourceId,
                    row.SourceType, row.CreatedTime, row.LastUpdateTime, row.CreatedBy, row.LastUpdatedBy, row.InputHash,
                }),
            ],
            scope.Dialect.OnConflictUpdate("dataset_record_id", MergedColumns));

    private static async Task UpdateDatasetAsync(SqlScope scope, EvaluationDatasetRow dataset, IReadOnlyList<DatasetRecordInput> records, long now)
    {
        var count = await scope.FindAsync<long>(
            "SELECT COUNT(*) FROM evaluation_dataset_records WHERE dataset_id = @id", new { id = dataset.DatasetId });
        await scope.ExecuteAsync(
            """
            UPDATE evaluation_datasets
            SET last_update_time = @now, last_updated_by = @user, digest = @digest, "schema" = @schema, profile = @profile
            WHERE dataset_id = @id
            """,
            new
            {
                now,
                user = records.LastOrDefault(record => record.User is not null)?.User,
                digest = EvaluationDatasetStore.Digest(dataset.Name, now),
                schema = DatasetSchema.Extend(dataset.Schema, records),
                profile = count > 0 ? ProfileOf(count) : dataset.Profile,
                id = dataset.DatasetId,
            });
    }

    private static Task<int> SetProfileAsync(SqlScope scope, string id, string profile) =>
        scope.ExecuteAsync("UPDATE evaluation_datasets SET profile = @profile WHERE dataset_id = @id", new { id, profile });

    private static long CountOf(string? profile) =>
        EmbeddedJson.Members(profile is null ? null : EmbeddedJson.Parse(profile), "profile").TryGetValue("num_records", out var count)
            && count.ValueKind == JsonValueKind.Number
            ? count.GetInt64()
            : 0;

    private static string ProfileOf(long count) => count > 0 ? FormattableString.Invariant($"{{\"num_records\": {count}}}") : "null";
}

internal sealed record DatasetRecordPage(List<DatasetRecordRow> Records, string? NextPageToken);

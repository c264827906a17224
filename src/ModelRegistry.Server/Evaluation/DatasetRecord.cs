using System.Text.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>A row of <c>evaluation_dataset_records</c>.</summary>
internal sealed record DatasetRecordRow
{
    /// <summary>Outputs are stored below this key, so that they need not be an object.</summary>
    private const string WrappedOutputs = "mlflow_wrapped";

    public required string DatasetRecordId { get; init; }

    public required string DatasetId { get; init; }

    public required string Inputs { get; init; }

    public string? Outputs { get; init; }

    public string? Expectations { get; init; }

    public string? Tags { get; init; }

    public string? Source { get; init; }

    public string? SourceId { get; init; }

    public string? SourceType { get; init; }

    public long? CreatedTime { get; init; }

    public long? LastUpdateTime { get; init; }

    public string? CreatedBy { get; init; }

    public string? LastUpdatedBy { get; init; }

    public required string InputHash { get; init; }

    /// <summary>The first record with these inputs.</summary>
    public static DatasetRecordRow New(string datasetId, DatasetRecordInput input, long now) => new()
    {
        DatasetRecordId = $"dr-{Guid.NewGuid():N}",
        DatasetId = datasetId,
        Inputs = PythonText.Json(input.Inputs),
        Outputs = input.HasOutputs ? Wrap(input.Outputs) : "{\"" + WrappedOutputs + "\": {}}",
        Expectations = input.HasExpectations ? EmbeddedJson.Write(input.Expectations) : "null",
        Tags = EmbeddedJson.Write(input.Tags),
        Source = input.Source?.Json ?? "null",
        SourceId = input.Source?.Id,
        SourceType = input.Source?.Type,
        CreatedTime = now,
        LastUpdateTime = now,
        CreatedBy = input.User,
        LastUpdatedBy = input.User,
        InputHash = input.Hash,
    };

    /// <summary>This record with what a later one with the same inputs says; where it came from and who made it stays.</summary>
    public DatasetRecordRow Merge(DatasetRecordInput input, long now) => this with
    {
        Outputs = input.HasOutputs ? Wrap(input.Outputs) : Outputs,
        Expectations = Merge(Expectations, input.Expectations),
        Tags = Merge(Tags, input.Tags),
        LastUpdateTime = now,
        LastUpdatedBy = input.User ?? LastUpdatedBy,
    };

    /// <summary>The record as it is answered.</summary>
    public string ToJson()
    {
        var members = new OrderedDictionary<string, string>
        {
            ["dataset_record_id"] = PythonText.CompactJson(DatasetRecordId),
            ["dataset_id"] = PythonText.CompactJson(DatasetId),
            ["inputs"] = PythonText.Json(EmbeddedJson.Parse(Inputs)),
        };
        AddJson(members, "expectations", Stored(Expectations));
        members["tags"] = Stored(Tags) is { } tags ? PythonText.Json(tags) : "{}";
        AddJson(members, "source", Stored(Source));
        AddText(members, "source_id", SourceId);
        AddText(members, "source_type", SourceType);
        members["created_time"] = FormattableString.Invariant($"{CreatedTime}");
        members["last_update_time"] = FormattableString.Invariant($"{LastUpdateTime}");
        AddText(members, "created_by", CreatedBy);
        AddText(members, "last_updated_by", LastUpdatedBy);
        AddJson(members, "outputs", Stored(Outputs) is { ValueKind: JsonValueKind.Object } outputs ? EmbeddedJson.Member(outputs, WrappedOutputs) : null);
        return EmbeddedJson.Write(members);
    }

    private static string Wrap(JsonElement? outputs) => outputs is { } value ? $"{{\"{WrappedOutputs}\": {PythonText.Json(value)}}}" : "null";

    private static string? Merge(string? stored, OrderedDictionary<string, JsonElement> given)
    {
        if (given.Count == 0)
            return stored;
        var members = EmbeddedJson.Members(Stored(stored), "record");
        foreach (var (key, value) in given)
            members[key] = value;
        return EmbeddedJson.Write(members);
    }

    /// <summary>The stored value; both NULL and the JSON null mean that there is none.</summary>
    private static JsonElement? Stored(string? json) =>
        json is not null && EmbeddedJson.Parse(json) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private static void AddJson(OrderedDictionary<string, string> members, string name, JsonElement? value)
    {
        if (value is { } given)
            members[name] = PythonText.Json(given);
    }

    private static void AddText(OrderedDictionary<string, string> members, string name, string? value)
    {
        if (value is not null)
            members[name] = PythonText.CompactJson(value);
    }
}

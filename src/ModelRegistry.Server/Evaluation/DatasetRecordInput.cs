using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>One record as a client sends it.</summary>
/// <param name="Hash">Two records of a dataset are the same when their inputs are.</param>
/// <param name="HasOutputs">Whether outputs are given at all, be it null: without them the outputs of an earlier record stay.</param>
/// <param name="HasExpectations">Whether expectations are given, be it none.</param>
/// <param name="User">Who sends it, from its tags.</param>
internal sealed record DatasetRecordInput(
    JsonElement Inputs,
    string Hash,
    bool HasOutputs,
    JsonElement? Outputs,
    bool HasExpectations,
    OrderedDictionary<string, JsonElement> Expectations,
    OrderedDictionary<string, JsonElement> Tags,
    DatasetRecordSource? Source,
    string? User)
{
    private static readonly JsonElement NoInputs = EmbeddedJson.Parse("{}");

    /// <exception cref="ApiException">The text is not a list of records.</exception>
    public static List<DatasetRecordInput> ParseAll(string json)
    {
        var records = EmbeddedJson.Parse(json, "records");
        if (records.ValueKind != JsonValueKind.Array || records.EnumerateArray().Any(record => record.ValueKind != JsonValueKind.Object))
            throw ApiException.Invalid("records must be a JSON list of objects");
        return [.. records.EnumerateArray().Select(Parse)];
    }

    private static DatasetRecordInput Parse(JsonElement record)
    {
        var inputs = record.TryGetProperty("inputs", out var given) ? given : NoInputs;
        if (inputs.ValueKind != JsonValueKind.Object && (inputs.ValueKind == JsonValueKind.Null || !EmbeddedJson.IsFalsy(inputs)))
            throw ApiException.Invalid("inputs must be a JSON object");
        var tags = EmbeddedJson.Members(EmbeddedJson.Member(record, "tags"), "tags");
        return new DatasetRecordInput(
            inputs,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(EmbeddedJson.WriteSorted(inputs)))),
            record.TryGetProperty("outputs", out _),
            EmbeddedJson.Member(record, "outputs"),
            EmbeddedJson.Member(record, "expectations") is not null,
            EmbeddedJson.Members(EmbeddedJson.Member(record, "expectations"), "expectations"),
            tags,
            DatasetRecordSource.Parse(EmbeddedJson.Member(record, "source")),
            tags.TryGetValue(EvaluationDatasetStore.UserTag, out var user) && user.ValueKind != JsonValueKind.Null ? EmbeddedJson.Text(user) : null);
    }
}

/// <summary>Where a record comes from.</summary>
/// <param name="Json">The whole of it, as it is stored.</param>
internal sealed record DatasetRecordSource(string Json, string? Id, string Type)
{
    private static readonly string[] Types = ["UNSPECIFIED", "TRACE", "HUMAN", "DOCUMENT", "CODE"];

    /// <exception cref="ApiException">The type is none of MLflow's.</exception>
    public static DatasetRecordSource? Parse(JsonElement? source)
    {
        var members = EmbeddedJson.Members(source, "source");
        if (members.Count == 0)
            return null;
        var type = members.TryGetValue("source_type", out var given) ? EmbeddedJson.Text(given).ToUpperInvariant() : "";
        if (!Types.Contains(type))
            throw ApiException.Invalid($"Invalid dataset record source type: {type}. Valid source types: {PythonText.Repr(Types)}");
        var data = EmbeddedJson.Members(members.TryGetValue("source_data", out var more) ? more : null, "source_data");
        var id = data.TryGetValue(type == "TRACE" ? "trace_id" : "source_id", out var found) && found.ValueKind != JsonValueKind.Null
            ? EmbeddedJson.Text(found)
            : null;
        return new DatasetRecordSource($"{{\"source_type\": \"{type}\", \"source_data\": {EmbeddedJson.Write(data)}}}", id, type);
    }
}

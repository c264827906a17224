using System.Text.Json;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>The types of the fields of a dataset's records; a field keeps the type it had first.</summary>
internal sealed class DatasetSchema
{
    private readonly OrderedDictionary<string, JsonElement> parts;
    private readonly OrderedDictionary<string, string> inputs;
    private readonly OrderedDictionary<string, string> outputs;
    private readonly OrderedDictionary<string, string> expectations;

    /// <summary>The type of outputs that are not objects.</summary>
    private string? outputsType;

    private DatasetSchema(string? stored)
    {
        parts = EmbeddedJson.Members(stored is null ? null : EmbeddedJson.Parse(stored), "schema");
        (inputs, expectations) = (Types("inputs"), Types("expectations"));
        outputsType = parts.TryGetValue("outputs", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        outputs = outputsType is null ? Types("outputs") : [];
    }

    /// <summary>The schema after these records; null while there never were any.</summary>
    public static string? Extend(string? stored, IReadOnlyList<DatasetRecordInput> records)
    {
        if (stored is null && records.Count == 0)
            return null;
        var schema = new DatasetSchema(stored);
        foreach (var record in records)
            schema.Add(record);
        return schema.Write();
    }

    private void Add(DatasetRecordInput record)
    {
        Add(inputs, EmbeddedJson.Members(record.Inputs, "inputs"));
        Add(expectations, record.Expectations);
        if (record.Outputs is not { } given)
            return;
        if (given.ValueKind != JsonValueKind.Object)
            outputsType ??= outputs.Count == 0 ? TypeOf(given) : null;
        else if (outputsType is null)
            Add(outputs, EmbeddedJson.Members(given, "outputs"));
    }

    private string Write() => EmbeddedJson.Write(
    [
        KeyValuePair.Create("inputs", Write(inputs)),
        KeyValuePair.Create("outputs", outputsType is null ? Write(outputs) : PythonText.CompactJson(outputsType)),
        KeyValuePair.Create("expectations", Write(expectations)),
        KeyValuePair.Create("version", parts.TryGetValue("version", out var version) ? PythonText.Json(version) : "\"1.0\""),
    ]);

    private OrderedDictionary<string, string> Types(string part)
    {
        var types = new OrderedDictionary<string, string>();
        foreach (var (field, type) in EmbeddedJson.Members(parts.TryGetValue(part, out var found) ? found : null, part))
            types[field] = EmbeddedJson.Text(type);
        return types;
    }

    private static void Add(OrderedDictionary<string, string> types, OrderedDictionary<string, JsonElement> values)
    {
        foreach (var (field, value) in values)
            types.TryAdd(field, TypeOf(value));
    }

    private static string Write(OrderedDictionary<string, string> types) =>
        EmbeddedJson.Write(types.Select(type => KeyValuePair.Create(type.Key, PythonText.CompactJson(type.Value))));

    private static string TypeOf(JsonElement value) => PythonText.TypeName(value) switch
    {
        "dict" => "object",
        "list" => "array",
        "str" => "string",
        "bool" => "boolean",
        "int" => "integer",
        "float" => "float",
        _ => "null",
    };
}

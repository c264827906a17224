using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>The JSON that describes a scorer: mostly the client's own matter, but for the model it asks.</summary>
internal static class ScorerContent
{
    private const string GatewayPrefix = "gateway:/";
    private const string MemoryPart = "memory_augmented_judge_data";

    private const string CodeRefusal =
        "Custom scorer registration (using @scorer decorator) is not supported outside of Databricks tracking environments due to security concerns."
        + " Custom scorers require arbitrary code execution during deserialization.\n\nTo use custom scorers:\n"
        + "1. Configure MLflow to use a Databricks tracking URI, or\n"
        + "2. Manage your custom scorer code in a source code repository (e.g., GitHub) and import it directly, or\n"
        + "3. Use built-in scorers or make_judge() scorers instead.";

    private static readonly string[] PartsWithModel = ["instructions_judge_pydantic_data", "builtin_scorer_pydantic_data"];

    /// <summary>What is checked before anything is looked up.</summary>
    /// <exception cref="ApiException">The text is no JSON object, or holds code that clients would run.</exception>
    public static JsonElement Parse(string serialized)
    {
        var scorer = EmbeddedJson.Parse(serialized, "serialized_scorer");
        if (scorer.ValueKind != JsonValueKind.Object)
            throw ApiException.Invalid("serialized_scorer must be a JSON object");
        return EmbeddedJson.Member(scorer, "call_source") is null ? scorer : throw ApiException.Invalid(CodeRefusal);
    }

    /// <exception cref="ApiException">The scorer has no name, or its model is none that a client could ask.</exception>
    public static void Check(string name, JsonElement scorer)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw ApiException.Invalid("Scorer name cannot be empty or contain only whitespace.");
        if (ModelOf(scorer) is not { ValueKind: not JsonValueKind.Null } model)
            return;
        if (model.ValueKind != JsonValueKind.String)
            throw ApiException.Invalid($"Scorer model must be a string, got {PythonText.TypeName(model)}.");
        if (string.IsNullOrWhiteSpace(model.GetString()))
            throw ApiException.Invalid("Scorer model cannot be empty or contain only whitespace.");

        // This server runs no gateway, so that none of its endpoints exists.
        if (GatewayEndpoint(scorer) is { } endpoint)
            throw ApiException.NotFound($"GatewayEndpoint not found (name='{endpoint}')");
    }

    /// <summary>The endpoint of a gateway that the scorer asks, if it asks one.</summary>
    public static string? GatewayEndpoint(JsonElement scorer)
    {
        if (ModelOf(scorer) is not { ValueKind: JsonValueKind.String } model || !model.GetString()!.StartsWith(GatewayPrefix, StringComparison.Ordinal))
            return null;
        var endpoint = model.GetString()![GatewayPrefix.Length..].TrimStart('/');
        return endpoint.Length == 0 ? null : endpoint;
    }

    /// <summary>The stored text in Python's spelling.</summary>
    public static string Normalize(string stored) => PythonText.Json(EmbeddedJson.Parse(stored));

    private static JsonElement? ModelOf(JsonElement scorer)
    {
        foreach (var name in PartsWithModel)
        {
            if (Part(scorer, name) is { } part)
                return EmbeddedJson.Member(part, "model");
        }

        if (Part(scorer, MemoryPart) is { } memory)
            return EmbeddedJson.Member(memory, "base_judge") is { ValueKind: JsonValueKind.Object } judge ? ModelOf(judge) : null;
        return Part(scorer, "third_party_scorer_data") is { } other ? EmbeddedJson.Member(other, "model") : null;
    }

    private static JsonElement? Part(JsonElement scorer, string name)
    {
        if (EmbeddedJson.Member(scorer, name) is not { } part || EmbeddedJson.IsFalsy(part))
            return null;
        return part.ValueKind == JsonValueKind.Object ? part : throw ApiException.Invalid($"{name} must be a JSON object");
    }
}

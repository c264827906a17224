using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>The description of a model that clients of the 1.x and 2.x lines send with log-model.</summary>
internal static class ModelInfo
{
    private static readonly string[] Required = ["artifact_path", "flavors", "utc_time_created", "run_id"];
    private static readonly string[] Kept = ["run_id", "artifact_path", "utc_time_created", "model_uuid"];

    /// <summary>What MLflow keeps of a model: who and when, and its flavors without their configuration.</summary>
    /// <exception cref="ApiException">The text is not JSON, or lacks a field.</exception>
    public static string ToHistoryEntry(string modelJson)
    {
        using var document = Parse(modelJson);
        var model = document.RootElement;
        var missing = Required.Where(field => !model.TryGetProperty(field, out _)).ToList();
        if (missing.Count > 0)
            throw ApiException.Invalid($"Model json is missing mandatory fields: {{{string.Join(", ", missing.Select(PythonText.Repr))}}}");

        var entry = new StringBuilder("{");
        foreach (var field in Kept)
        {
            var value = model.TryGetProperty(field, out var found) ? PythonText.Json(found) : "null";
            entry.Append($"{PythonText.CompactJson(field)}: {value}, ");
        }

        return entry.Append($"\"flavors\": {Flavors(model.GetProperty("flavors"))}}}").ToString();
    }

    private static string Flavors(JsonElement flavors)
    {
        if (flavors.ValueKind != JsonValueKind.Object)
            return PythonText.Json(flavors);
        var parts = flavors.EnumerateObject().Select(flavor => $"{PythonText.CompactJson(flavor.Name)}: {Flavor(flavor.Value)}");
        return $"{{{string.Join(", ", parts)}}}";
    }

    private static string Flavor(JsonElement flavor)
    {
        if (flavor.ValueKind != JsonValueKind.Object)
            return PythonText.Json(flavor);
        var parts = flavor.EnumerateObject()
            .Where(setting => setting.Name != "config")
            .Select(setting => $"{PythonText.CompactJson(setting.Name)}: {PythonText.Json(setting.Value)}");
        return $"{{{string.Join(", ", parts)}}}";
    }

    private static JsonDocument Parse(string modelJson)
    {
        try
        {
            var document = JsonDocument.Parse(modelJson);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // Answered below, as JSON of the wrong kind is.
        }

        throw ApiException.Invalid($"Malformed model info. \n {modelJson} \n is not a valid JSON.");
    }
}

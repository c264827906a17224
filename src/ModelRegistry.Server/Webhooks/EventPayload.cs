using System.Globalization;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The body of a delivery, byte for byte as Python's <c>json.dumps</c> writes it.</summary>
internal static class EventPayload
{
    public static string Write(WebhookEvent what, DateTimeOffset when, params (string Key, object? Value)[] data) =>
        Json([("entity", what.Entity), ("action", what.Action), ("timestamp", IsoFormat(when)), ("data", data)]);

    /// <summary>The example that a test call sends.</summary>
    public static string Example(WebhookEvent what, DateTimeOffset now) => Write(what, now, ExampleData(what));

    private static (string Key, object? Value)[] ExampleData(WebhookEvent what)
    {
        if (what.Entity == "budget_policy")
            return BudgetExample;
        var isPrompt = what.Entity.StartsWith("prompt", StringComparison.Ordinal);
        var data = new List<(string, object?)> { ("name", isPrompt ? "example_prompt" : "example_model") };
        switch (what.Entity)
        {
            case "registered_model" or "prompt":
                data.AddRange([Tags, ("description", isPrompt ? "An example prompt" : "An example registered model")]);
                break;
            case "model_version":
                data.AddRange([
                    Version, ("source", "models:/123"), ("run_id", "abcd1234abcd5678"), Tags, ("description", "An example model version"),
                ]);
                break;
            case "prompt_version":
                data.AddRange([Version, ("template", "Hello {{name}}!"), Tags, ("description", "An example prompt version")]);
                break;
            case "model_version_alias" or "prompt_alias":
                data.Add(("alias", "example_alias"));
                if (what.Action == "created")
                    data.Add(Version);
                break;
            default:
                if (what.Entity != "prompt_tag")
                    data.Add(Version);
                data.Add(("key", "example_key"));
                if (what.Action == "set")
                    data.Add(("value", "example_value"));
                break;
        }

        return [.. data];
    }

    private static (string, object?) Version => ("version", "1");

    private static (string, object?) Tags => ("tags", new Dictionary<string, string> { ["example_key"] = "example_value" });

    private static (string, object?)[] BudgetExample =>
    [
        ("budget_policy_id", "bp-abc123"), ("budget_unit", "USD"), ("budget_amount", 100.0), ("current_spend", 105.5), ("duration_unit", "MONTHS"),
        ("duration_value", 1L), ("target_scope", "WORKSPACE"), ("workspace", "default"), ("window_start", 1704067200000L),
    ];

    private static string Json(object? value) => value switch
    {
        null => "null",
        string text => PythonText.CompactJson(text),
        double number => PythonText.Repr(number),
        long number => number.ToString(CultureInfo.InvariantCulture),
        Dictionary<string, string> tags => Json([.. tags.Select(tag => (tag.Key, (object?)tag.Value))]),
        (string, object?)[] fields => Json(fields),
        _ => throw new ArgumentException($"No JSON for {value.GetType()}.", nameof(value)),
    };

    private static string Json((string Key, object? Value)[] fields) =>
        "{" + string.Join(", ", fields.Select(field => $"{PythonText.CompactJson(field.Key)}: {Json(field.Value)}")) + "}";

    /// <summary>Python leaves out microseconds that are zero.</summary>
    private static string IsoFormat(DateTimeOffset when) =>
        when.UtcDateTime.ToString(when.Ticks % TimeSpan.TicksPerSecond / 10 == 0 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture)
        + "+00:00";
}

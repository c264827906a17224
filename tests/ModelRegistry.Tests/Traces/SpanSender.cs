using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Traces;

/// <summary>Sends spans by OpenTelemetry's protocol, in JSON.</summary>
internal static class SpanSender
{
    private const long Start = 1_700_000_000_000_000_000;

    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>One span; times are milliseconds after the beginning of all of these traces.</summary>
    public static JsonObject Span(
        string traceId, int spanId, string name, int? parent = null, int start = 0, int end = 1000, int code = 0, params (string Key, string Value)[] attributes) => new()
    {
        ["traceId"] = traceId,
        ["spanId"] = spanId.ToString("x16", CultureInfo.InvariantCulture),
        ["parentSpanId"] = parent?.ToString("x16", CultureInfo.InvariantCulture) ?? "",
        ["name"] = name,
        ["startTimeUnixNano"] = Nano(start),
        ["endTimeUnixNano"] = Nano(end),
        ["status"] = new JsonObject { ["code"] = code },
        ["attributes"] = new JsonArray([.. attributes.Select(one => new JsonObject
        {
            ["key"] = one.Key, ["value"] = new JsonObject { ["stringValue"] = one.Value },
        })]),
    };

    public static async Task SendAsync(HttpClient client, string experiment, params JsonObject[] spans)
    {
        var scope = new JsonObject { ["spans"] = new JsonArray([.. spans]) };
        var export = new JsonObject { ["resourceSpans"] = new JsonArray(new JsonObject { ["scopeSpans"] = new JsonArray(scope) }) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces");
        request.Headers.Add("x-mlflow-experiment-id", experiment);
        request.Content = new StringContent(export.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Nano(int milliseconds) => (Start + (milliseconds * 1_000_000L)).ToString(CultureInfo.InvariantCulture);
}

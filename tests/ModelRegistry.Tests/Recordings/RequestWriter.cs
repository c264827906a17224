using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Makes the request of a step as it goes on the wire.</summary>
internal static class RequestWriter
{
    public static WireRequest Write(RecordedRequest request, Variables variables)
    {
        var target = variables.Fill(request.Path);
        if (request.Query.Count > 0)
            target += "?" + string.Join('&', request.Query.SelectMany(parameter => Parameter(parameter.Key, parameter.Value, variables)));
        var headers = request.Headers.ToDictionary(header => header.Key, header => variables.Fill(header.Value));
        return new WireRequest(request.Method, target, headers, Body(request.Body, variables));
    }

    private static IEnumerable<string> Parameter(string name, JsonElement value, Variables variables)
    {
        var values = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value };
        return values.Select(one => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(variables.Fill(one.GetString()!))}");
    }

    private static byte[]? Body(JsonElement body, Variables variables) => body.ValueKind == JsonValueKind.Undefined
        ? null
        : RawBody.TryRead(body, variables) ?? JsonExpander.Expand(body, variables);
}

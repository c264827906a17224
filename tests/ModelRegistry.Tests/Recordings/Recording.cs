using System.Text.Json;
using System.Text.Json.Serialization;

namespace ModelRegistry.Tests.Recordings;

/// <summary>One scenario file; <c>compat-tests/recordings/FORMAT.md</c> describes every member.</summary>
internal sealed record Recording
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public required string Name { get; init; }
    public required string Area { get; init; }
    public string? Description { get; init; }
    public string? MlflowVersion { get; init; }
    public bool Fresh { get; init; }
    public required IReadOnlyList<RecordedStep> Steps { get; init; }

    [JsonIgnore]
    public string FullName => $"{Area}/{Name}";

    public static Recording Parse(string json) =>
        JsonSerializer.Deserialize<Recording>(json, Options) ?? throw new FormatException("A recording is an object.");
}

internal sealed record RecordedStep
{
    public int WaitMs { get; init; }
    public required RecordedRequest Request { get; init; }
    public required RecordedResponse Response { get; init; }
    public IReadOnlyDictionary<string, Capture> Capture { get; init; } = new Dictionary<string, Capture>();
}

internal sealed record RecordedRequest
{
    public required string Method { get; init; }
    public required string Path { get; init; }
    public IReadOnlyDictionary<string, JsonElement> Query { get; init; } = new Dictionary<string, JsonElement>();
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary><see cref="JsonValueKind.Undefined"/> when there is none; a JSON null is a body.</summary>
    public JsonElement Body { get; init; }

    public string? Note { get; init; }
}

internal sealed record RecordedResponse
{
    public required JsonElement Status { get; init; }
    public IReadOnlyDictionary<string, JsonElement> Headers { get; init; } = new Dictionary<string, JsonElement>();
    public JsonElement Body { get; init; }
}

internal sealed record Capture
{
    public required string From { get; init; }
    public JsonElement Match { get; init; }
}

using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>The list <c>pending.json</c>: areas and single recordings that wait for a feature, each with the reason.</summary>
internal sealed record PendingRecordings(IReadOnlyDictionary<string, string> Areas, IReadOnlyDictionary<string, string> Recordings)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static PendingRecordings Parse(string json) => JsonSerializer.Deserialize<PendingRecordings>(json, Options)!;

    public bool Holds(Recording recording) => Areas.ContainsKey(recording.Area) || Recordings.ContainsKey(recording.FullName);
}

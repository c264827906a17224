using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>A place where we knowingly answer otherwise than MLflow.</summary>
/// <param name="Path"><c>status</c>, <c>header NAME</c>, or a JSON pointer into the answer with <c>*</c> for any element of an array.</param>
/// <param name="Instead">What may stand there besides the recorded answer.</param>
internal sealed record AllowedDifference(string Recording, int Step, string Path, JsonElement Instead, string Reason)
{
    public bool IsAt(string path)
    {
        var (wanted, got) = (Path.Split('/'), path.Split('/'));
        return wanted.Length == got.Length && wanted.Zip(got).All(pair => pair.First == pair.Second || pair.First == "*");
    }

    public override string ToString() => $"{Recording} step {Step} {Path}";
}

/// <summary>The list <c>allowed-differences.json</c>.</summary>
internal sealed class AllowedDifferences(IEnumerable<AllowedDifference> all)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly ILookup<(string Recording, int Step), AllowedDifference> byStep = all.ToLookup(one => (one.Recording, one.Step));

    public IEnumerable<AllowedDifference> All => byStep.SelectMany(group => group);

    public static AllowedDifferences Parse(string json) => new(JsonSerializer.Deserialize<AllowedDifference[]>(json, Options)!);

    /// <summary>These and others.</summary>
    public AllowedDifferences With(AllowedDifferences others) => new(All.Concat(others.All));

    public IReadOnlyList<AllowedDifference> For(string recording, int step) => [.. byStep[(recording, step)]];
}

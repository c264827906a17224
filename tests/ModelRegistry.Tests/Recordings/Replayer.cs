using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Plays one recording against a server, up to the first step that differs.</summary>
internal sealed class Replayer(WireClient client, AllowedDifferences allowed)
{
    private const int MaxDifferences = 12;

    /// <summary>A readable account of the first step that differs, or null when all match.</summary>
    public async Task<string?> PlayAsync(Recording recording)
    {
        var variables = Variables.WithNonce();
        for (var number = 1; number <= recording.Steps.Count; number++)
        {
            var step = recording.Steps[number - 1];
            if (step.WaitMs > 0)
                await Task.Delay(step.WaitMs);
            var request = RequestWriter.Write(step.Request, variables);
            var title = $"{recording.FullName}  step {number} of {recording.Steps.Count}: {request.Method} {request.Target}";
            if (await PlayStepAsync(step, request, variables, allowed.For(recording.FullName, number)) is { } failure)
                return $"{title}\n{failure}";
        }
        return null;
    }

    private async Task<string?> PlayStepAsync(
        RecordedStep step, WireRequest request, Variables variables, IReadOnlyList<AllowedDifference> known)
    {
        try
        {
            var response = await client.SendAsync(request);
            var differences = Compare(step, response, variables, known);
            return differences.Count == 0 ? null : Describe(differences, request, response);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
        {
            return $"  - no answer: {failure.Message}";
        }
    }

    private static List<string> Compare(
        RecordedStep step, WireResponse response, Variables variables, IReadOnlyList<AllowedDifference> known)
    {
        var matcher = new JsonMatcher(variables, known);
        var comparer = new ResponseComparer(variables, matcher);
        var differences = comparer.CompareStatus(step.Response, response);
        if (differences.Count == 0)
            differences.AddRange(BindCaptures(step, response, variables, matcher));
        differences.AddRange(comparer.CompareHeaders(step.Response, response));
        differences.AddRange(comparer.CompareBody(step.Response.Body, response.Body));
        return differences;
    }

    private static List<string> BindCaptures(RecordedStep step, WireResponse response, Variables variables, JsonMatcher matcher)
    {
        var differences = new List<string>();
        var document = Json.TryParse(response.Body);
        foreach (var (name, capture) in step.Capture)
        {
            var place = variables.Fill(capture.From);
            if (document is not { } root || JsonPointer.Find(root, place) is not { } value)
            {
                differences.Add($"{place}: nothing to capture as {name}");
                continue;
            }
            if (capture.Match.ValueKind != JsonValueKind.Undefined)
                differences.AddRange(matcher.Match(capture.Match, value, place));
            variables.Bind(name, value);
        }
        return differences;
    }

    private static string Describe(List<string> differences, WireRequest request, WireResponse response)
    {
        var text = new StringBuilder();
        foreach (var difference in differences.Take(MaxDifferences))
            text.Append("  - ").AppendLine(difference);
        if (differences.Count > MaxDifferences)
            text.AppendLine($"  - and {differences.Count - MaxDifferences} more");
        if (request.Body is not null)
            text.AppendLine($"  request body: {ResponseComparer.ShowBytes(request.Body, 600)}");
        return text.Append($"  answer: {response.Status} {ResponseComparer.ShowBytes(response.Body, 1000)}").ToString();
    }
}

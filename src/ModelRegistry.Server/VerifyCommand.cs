using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Registry;
using Spectre.Console;

namespace ModelRegistry.Server;

/// <summary>The command <c>verify</c>: works on the databases and the artifact store, with or without a server that runs on them.</summary>
internal static class VerifyCommand
{
    /// <returns>Whether nothing is missing or changed, and all could be looked at.</returns>
    /// <exception cref="StartupException">A store cannot be used, or there is no such version.</exception>
    public static async Task<bool> RunAsync(ServerOptions options, VerifyRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        await using var services = await ServerApp.OpenWithoutServerAsync(options, cancellationToken);
        var verification = services.GetRequiredService<Verification>();
        var selection = new VersionSelection(request.Model, request.Version);
        var count = await verification.CountAsync(selection, cancellationToken);
        if (count == 0 && request.Model is not null)
            throw new StartupException($"There is no {(request.Version is { } number ? $"version {number}" : "version")} of a model '{request.Model}'.");
        var tally = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var isWell = true;
        await WithProgressAsync(output, count, async advance =>
        {
            await foreach (var finding in verification.RunAsync(selection, request.Deep, cancellationToken))
            {
                var line = finding.State == FileState.Ok ? null : $"{finding.State,-8} {finding.Version.Name} {finding.Version.Version}: {finding.Detail}";
                advance(line);
                tally[finding.State] = tally.GetValueOrDefault(finding.State) + 1;
                isWell &= !finding.IsWrong && !finding.IsPassedOver;
            }
        });
        var summary = tally.Count == 0 ? "" : $": {string.Join(", ", tally.Select(pair => $"{pair.Value} {pair.Key}"))}";
        await output.WriteLineAsync($"{count} versions verified{summary}");
        return isWell;
    }

    /// <summary>A bar on a terminal, lines elsewhere.</summary>
    private static Task WithProgressAsync(TextWriter output, long count, Func<Action<string?>, Task> work)
    {
        if (output != Console.Out || Console.IsOutputRedirected)
        {
            return work(line =>
            {
                if (line is not null)
                    output.WriteLine(line);
            });
        }

        return AnsiConsole.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask("Verifying", maxValue: Math.Max(1, count));
            await work(line =>
            {
                if (line is not null)
                    AnsiConsole.MarkupLineInterpolated($"{line}");
                bar.Increment(1);
            });
        });
    }
}

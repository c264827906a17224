using Xunit;

namespace ModelRegistry.Tests.Recordings;

/// <summary>
/// The server that recordings are replayed against: a process of its own, or one that is already running
/// when <c>MODELREGISTRY_REPLAY_URL</c> names it.
/// </summary>
public sealed class RecordingServer : IAsyncLifetime
{
    private ServerProcess? shared;

    /// <summary>Address of a running server, when one is given.</summary>
    internal static Uri? ExternalUrl { get; } = UrlFrom("MODELREGISTRY_REPLAY_URL");

    /// <summary>Address of a running server on an empty store, for the recordings that need one.</summary>
    internal static Uri? ExternalFreshUrl { get; } = UrlFrom("MODELREGISTRY_REPLAY_FRESH_URL");

    public async Task InitializeAsync()
    {
        if (ExternalUrl is null)
            shared = await ServerProcess.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (shared is not null)
            await shared.DisposeAsync();
    }

    /// <summary>A readable account of what differs, or null.</summary>
    internal async Task<string?> ReplayAsync(Recording recording)
    {
        if (ExternalUrl is not null)
            return await ReplayAsync(recording, recording.Fresh ? ExternalFreshUrl! : ExternalUrl);
        if (!recording.Fresh)
            return await ReplayAsync(recording, shared!);
        await using var own = await ServerProcess.StartAsync();
        return await ReplayAsync(recording, own);
    }

    private static async Task<string?> ReplayAsync(Recording recording, ServerProcess server)
    {
        var before = server.Output.Length;
        var failure = await ReplayAsync(recording, server.Url);
        return failure is null ? null : $"{failure}\n  server output: {Json.Cut(server.Output[before..], 3000)}";
    }

    private static Task<string?> ReplayAsync(Recording recording, Uri url) =>
        new Replayer(new WireClient(url), RecordingCatalog.Allowed).PlayAsync(recording);

    private static Uri? UrlFrom(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } url ? new Uri(url) : null;
}

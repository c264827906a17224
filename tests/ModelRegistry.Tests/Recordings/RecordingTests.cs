using Xunit;

namespace ModelRegistry.Tests.Recordings;

/// <summary>One test per recording, on whichever database the run is on.</summary>
public sealed class RecordingTests(RecordingServer server) : IClassFixture<RecordingServer>
{
    private static readonly bool WithPending = Environment.GetEnvironmentVariable("MODELREGISTRY_REPLAY_PENDING") == "true";

    public static TheoryData<string> Playable =>
        [.. RecordingCatalog.All.Where(IsPlayable).Select(recording => recording.FullName)];

    [Theory]
    [MemberData(nameof(Playable))]
    public async Task The_server_answers_as_recorded(string recording)
    {
        var failure = await server.ReplayAsync(RecordingCatalog.Get(recording));
        Assert.True(failure is null, failure);
    }

    private static bool IsPlayable(Recording recording)
    {
        if (recording.Fresh && RecordingServer.ExternalUrl is not null && RecordingServer.ExternalFreshUrl is null)
            return false;
        return WithPending || !RecordingCatalog.Pending.Holds(recording);
    }
}

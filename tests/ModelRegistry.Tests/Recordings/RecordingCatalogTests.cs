using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Keeps the lists beside the recordings honest, and counts what is played and what waits.</summary>
public sealed class RecordingCatalogTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_recording_is_played_or_pending()
    {
        foreach (var area in RecordingCatalog.All.GroupBy(recording => recording.Area))
        {
            var pending = area.Count(RecordingCatalog.Pending.Holds);
            output.WriteLine($"{area.Key,-14} {area.Count() - pending,3} played {pending,3} pending");
        }

        // None got lost; which ones wait is the pending list's to say, and RecordingTests plays the rest.
        Assert.Equal(202, RecordingCatalog.All.Count);
        Assert.Equal(
            RecordingCatalog.All.Count,
            RecordingTests.Playable.Count + RecordingCatalog.All.Count(RecordingCatalog.Pending.Holds));
    }

    [Fact]
    public void Pending_areas_exist_and_have_a_reason() =>
        Assert.All(RecordingCatalog.Pending.Areas, entry =>
        {
            Assert.Contains(RecordingCatalog.All, recording => recording.Area == entry.Key);
            Assert.NotEmpty(entry.Value);
        });

    [Fact]
    public void Pending_recordings_exist_outside_the_pending_areas_and_have_a_reason() =>
        Assert.All(RecordingCatalog.Pending.Recordings, entry =>
        {
            var recording = RecordingCatalog.Get(entry.Key);
            Assert.DoesNotContain(recording.Area, RecordingCatalog.Pending.Areas.Keys);
            Assert.NotEmpty(entry.Value);
        });

    [Fact]
    public void Allowed_differences_name_a_place_and_have_a_reason() =>
        Assert.All(RecordingCatalog.Allowed.All.Concat(RecordingCatalog.AllowedOnAzure.All), allowed =>
        {
            var recording = RecordingCatalog.Get(allowed.Recording);
            Assert.InRange(allowed.Step, 1, recording.Steps.Count);
            Assert.True(RecordedPlace.Exists(recording.Steps[allowed.Step - 1].Response, allowed.Path), $"{allowed}: no such place");
            Assert.False(RecordingCatalog.Pending.Holds(recording), $"{allowed}: the recording is pending");
            Assert.NotEmpty(allowed.Reason);
        });

    [Theory]
    [InlineData("status", true)]
    [InlineData("header content-type", true)]
    [InlineData("header etag", false)]
    [InlineData("/models/0/aliases", true)]
    [InlineData("/models/*/aliases", true)]
    [InlineData("/models/1/aliases", false)]
    [InlineData("/models/0/versions/*/aliases", true)]
    [InlineData("/models/0/gone/aliases", false)]
    public void A_place_is_looked_up_in_the_recorded_answer(string path, bool exists)
    {
        var recording = Recording.Parse("""
            {"name": "n", "area": "a", "steps": [{
              "request": {"method": "GET", "path": "/"},
              "response": {"status": 200, "headers": {"content-type": "x"}, "body": {"models": [{"versions": {"$unordered": [{}]}}]}}
            }]}
            """);

        Assert.Equal(exists, RecordedPlace.Exists(recording.Steps[0].Response, path));
    }
}

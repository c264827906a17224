using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class SqliteRecordingTests(SqliteRecordingServer server) : RecordingTests(server), IClassFixture<SqliteRecordingServer>;

public sealed class SqliteRecordingServer : RecordingServer
{
    private protected override Task<ServerProcess> StartAsync() => ServerProcess.StartAsync();
}

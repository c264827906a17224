using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Webhooks;
using Xunit;

namespace ModelRegistry.Tests.Audit;

/// <summary>The order in which a change is judged, made and written down.</summary>
public sealed class RegistryWriterTests : IAsyncLifetime
{
    private static readonly Caller Somebody = new(new Workspace("default"), "alice", "r1", "192.0.2.1", "test");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly List<string> steps = [];
    private ServerOptions options = null!;
    private Databases databases = null!;

    public async Task InitializeAsync()
    {
        options = new ServerOptions { BackendStoreUri = (await TestDatabase.CreateAsync(folder.FullName)).Uri };
        databases = await Databases.OpenAsync(options, CancellationToken.None);
        await CreateAsync("m", new Guard(steps));
        steps.Clear();
    }

    public Task DisposeAsync()
    {
        databases.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Guards_are_asked_around_the_body_in_their_order()
    {
        await CreateAsync("n", new Guard(steps, "first"), new Guard(steps, "second"));

        Assert.Equal(["first authorizes registered_model.create", "second authorizes registered_model.create", "body", "first checks", "second checks"], steps);
        Assert.Equal("alice", await FindAsync<string>("SELECT principal FROM mr_audit WHERE resource = 'n'"));
        Assert.Equal("test", await FindAsync<string>("SELECT client FROM mr_audit WHERE resource = 'n'"));
    }

    [Fact]
    public async Task Who_may_not_does_not_reach_the_body()
    {
        await Assert.ThrowsAsync<ApiException>(() => CreateAsync("n", new Guard(steps) { RefusesCaller = true }));

        Assert.DoesNotContain("body", steps);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_refusal_after_the_body_rolls_everything_back()
    {
        await Assert.ThrowsAsync<ApiException>(() => CreateAsync("n", new Guard(steps) { RefusesChange = true }));

        Assert.Contains("body", steps);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task An_older_database_gets_the_tables()
    {
        await databases.Registry.WriteAsync(
            async scope =>
            {
                foreach (var sql in (string[])["DROP TABLE mr_audit", "DROP TABLE mr_history", "DELETE FROM mr_schema WHERE script = '0011_mr_audit'"])
                    await scope.ExecuteAsync(sql);
            },
            CancellationToken.None);

        (await Databases.OpenAsync(options, CancellationToken.None)).Dispose();

        Assert.Equal(0, await FindAsync<long>("SELECT COUNT(*) FROM mr_audit") + await FindAsync<long>("SELECT COUNT(*) FROM mr_history"));
    }

    private async Task CreateAsync(string name, params IChangeGuard[] guards)
    {
        using var signal = new DeliverySignal();
        var writer = new RegistryWriter(
            new RegistryDatabase(databases.Registry, holdsTracking: true), new NoCache(), new Outbox(TimeProvider.System, signal), new ChangePipeline(guards), TimeProvider.System);
        await writer.WriteAsync(
            Somebody,
            RegistryChange.ModelCreated(name, "", []),
            write =>
            {
                steps.Add("body");
                return write.Scope.ExecuteAsync("INSERT INTO registered_models (workspace, name) VALUES ('default', @name)", new { name });
            },
            CancellationToken.None);
    }

    private async Task<long> CountAsync() =>
        await FindAsync<long>("SELECT COUNT(*) FROM registered_models WHERE name = 'n'")
        + await FindAsync<long>("SELECT COUNT(*) FROM mr_audit WHERE resource = 'n'")
        + await FindAsync<long>("SELECT COUNT(*) FROM mr_history WHERE resource = 'n'");

    private Task<T?> FindAsync<T>(string sql) => databases.Registry.ReadAsync(scope => scope.FindAsync<T>(sql), CancellationToken.None);

    private sealed class Guard(List<string> steps, string name = "guard") : IChangeGuard
    {
        public bool RefusesCaller { get; init; }

        public bool RefusesChange { get; init; }

        public Task AuthorizeAsync(SqlScope scope, Caller caller, Change change)
        {
            steps.Add($"{name} authorizes {change.Action}");
            return RefusesCaller ? throw ApiException.Invalid("Not you.") : Task.CompletedTask;
        }

        public Task CheckAsync(SqlScope scope, Caller caller, Change change, IReadOnlyList<Fact> facts)
        {
            steps.Add($"{name} checks");
            Assert.Contains(new Fact("lifecycle", null, "active"), facts);
            return RefusesChange ? throw ApiException.Invalid("Not so.") : Task.CompletedTask;
        }
    }
}

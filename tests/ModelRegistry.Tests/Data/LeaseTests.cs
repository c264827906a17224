using Microsoft.Extensions.Logging.Abstractions;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Data;

public sealed class LeaseTests : IAsyncLifetime
{
    private const string Work = "work";
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");
    private readonly Clock clock = new();
    private Databases stores = null!;
    private Leases leases = null!;

    public async Task InitializeAsync()
    {
        stores = await Databases.OpenAsync(
            new ServerOptions { BackendStoreUri = (await TestDatabase.CreateAsync(folder.FullName)).Uri }, CancellationToken.None);
        leases = new Leases(stores.Tracking, clock);
    }

    public Task DisposeAsync()
    {
        stores.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Only_one_of_many_takes_the_work()
    {
        var takers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TakeAsync())));

        await using var taken = Assert.Single(takers, lease => lease is not null);
        await using var other = await TakeAsync("other work");
        Assert.NotNull(other);
    }

    [Fact]
    public async Task What_was_given_back_can_be_taken_at_once_unless_it_rests()
    {
        await (await TakeAsync())!.DisposeAsync();
        var second = await TakeAsync();
        second!.Rest = TimeSpan.FromHours(1);
        await second.DisposeAsync();

        Assert.Null(await TakeAsync());
        clock.Pass(TimeSpan.FromHours(1));
        await using var third = await TakeAsync();
        Assert.NotNull(third);
    }

    [Fact]
    public async Task A_lease_that_was_not_renewed_goes_to_another_and_is_not_given_back_by_the_first()
    {
        var first = (await TakeAsync())!;
        clock.Pass(Length);
        await using var second = await TakeAsync();

        Assert.NotNull(second);
        await first.DisposeAsync();
        Assert.Null(await TakeAsync());
    }

    [Fact]
    public async Task A_holder_keeps_the_lease_and_learns_when_it_is_lost()
    {
        var real = new Leases(stores.Tracking, TimeProvider.System);
        await using var lease = await real.TryTakeAsync(Work, TimeSpan.FromSeconds(1), CancellationToken.None);
        await Task.Delay(2500);
        Assert.False(lease!.Lost.IsCancellationRequested);
        Assert.Null(await real.TryTakeAsync(Work, Length, CancellationToken.None));

        await stores.Tracking.WriteAsync(scope => scope.ExecuteAsync("UPDATE mr_leases SET owner = 'another'"), CancellationToken.None);

        var told = new TaskCompletionSource();
        await using var registration = lease.Lost.Register(told.SetResult);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Of_two_replicas_one_does_the_periodic_work_and_a_failure_does_not_end_it()
    {
        var rounds = 0;
        using var one = new Counting(leases, clock, () => Interlocked.Increment(ref rounds));
        using var two = new Counting(leases, clock, () => Interlocked.Increment(ref rounds));
        using var failing = new Counting(new Leases(stores.Tracking, clock), clock, () => throw new InvalidOperationException("It fails."), "failing");
        await Task.WhenAll(one.StartAsync(default), two.StartAsync(default), failing.StartAsync(default));

        while (Volatile.Read(ref rounds) == 0 || !failing.HasRun)
            await Task.Delay(10);
        await Task.Delay(100);

        Assert.Equal(1, rounds);
        Assert.False(failing.ExecuteTask!.IsCompleted);
        await Task.WhenAll(one.StopAsync(default), two.StopAsync(default), failing.StopAsync(default));
    }

    private Task<Lease?> TakeAsync(string name = Work) => leases.TryTakeAsync(name, Length, CancellationToken.None);

    private sealed class Counting(Leases leases, TimeProvider time, Action work, string name = Work)
        : PeriodicWork(leases, name, TimeSpan.FromHours(1), time, NullLogger.Instance)
    {
        public bool HasRun { get; private set; }

        protected override Task WorkAsync(CancellationToken cancellationToken)
        {
            HasRun = true;
            work();
            return Task.CompletedTask;
        }
    }

    /// <summary>Its hands are moved by the test; timers run in real time.</summary>
    private sealed class Clock : TimeProvider
    {
        private TimeSpan passed;

        public void Pass(TimeSpan time) => passed += time;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + passed;
    }
}

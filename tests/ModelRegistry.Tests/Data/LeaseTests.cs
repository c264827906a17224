using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
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
        leases = new Leases(new TrackingDatabase(stores.Tracking), clock);
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
        clock.Advance(TimeSpan.FromHours(1));
        await using var third = await TakeAsync();
        Assert.NotNull(third);
    }

    [Fact]
    public async Task A_lease_that_was_not_renewed_goes_to_another_and_is_not_given_back_by_the_first()
    {
        var first = (await TakeAsync())!;

        // Time goes on, and the timer of a holder that hangs does not.
        clock.AdjustTime(clock.GetUtcNow() + Length);
        await using var second = await TakeAsync();

        Assert.NotNull(second);
        await first.DisposeAsync();
        Assert.Null(await TakeAsync());
    }

    [Fact]
    public async Task A_holder_keeps_the_lease_and_learns_when_it_is_lost()
    {
        await using var lease = await TakeAsync();
        for (var third = 0; third < 6; third++)
        {
            clock.Advance(Length / 3);
            await Wait.UntilAsync(async () => await DueAsync() == (clock.GetUtcNow() + Length).ToUnixTimeMilliseconds(), () => "The lease was not renewed.");
        }

        Assert.False(lease!.Lost.IsCancellationRequested);
        Assert.Null(await TakeAsync());

        await stores.Tracking.WriteAsync(scope => scope.ExecuteAsync("UPDATE mr_leases SET owner = 'another'"), CancellationToken.None);

        var told = new TaskCompletionSource();
        await using var registration = lease.Lost.Register(told.SetResult);
        clock.Advance(Length / 3);
        await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Of_two_replicas_one_does_the_periodic_work_and_a_failure_does_not_end_it()
    {
        var rounds = 0;
        using var one = new Counting(leases, clock, () => Interlocked.Increment(ref rounds));
        using var two = new Counting(leases, clock, () => Interlocked.Increment(ref rounds));
        using var failing = new Counting(new Leases(new TrackingDatabase(stores.Tracking), clock), clock, () => throw new InvalidOperationException("It fails."), "failing");
        await Task.WhenAll(one.StartAsync(default), two.StartAsync(default), failing.StartAsync(default));

        // Each of the three has tried, and rests now.
        await Wait.UntilAsync(() => clock.Pauses == 3, () => $"{clock.Pauses} rest after {rounds} rounds.");
        Assert.True(failing.HasRun);
        Assert.Equal(1, rounds);
        Assert.False(failing.ExecuteTask!.IsCompleted);
        await Task.WhenAll(one.StopAsync(default), two.StopAsync(default), failing.StopAsync(default));
    }

    private async Task<long> DueAsync() => (await stores.Tracking.ReadAsync(
        scope => scope.QueryAsync<long>("SELECT due_time FROM mr_leases WHERE name = @name", new { name = Work }), CancellationToken.None)).Single();

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

    /// <summary>Moved by the test alone. Counts who waits for the longest pause between two rounds.</summary>
    private sealed class Clock() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        private int pauses;

        public int Pauses => Volatile.Read(ref pauses);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.FromMinutes(1))
                Interlocked.Increment(ref pauses);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

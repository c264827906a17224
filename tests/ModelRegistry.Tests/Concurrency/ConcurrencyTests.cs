using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>Many clients of one server.</summary>
public sealed class ConcurrencyTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private Crowd Crowd => new(server.Client);

    [Fact]
    public Task Versions_created_at_once_get_consecutive_numbers() => RegistryRaces.VersionsAreNumberedOneByOneAsync(Crowd);

    [Fact]
    public Task Aliases_and_tags_of_one_model_can_be_written_by_many() => RegistryRaces.AliasesAndTagsOfOneModelNeverFailAsync(Crowd);

    [Fact]
    public Task Of_many_who_create_the_same_name_one_succeeds() => RegistryRaces.OneOfManyGetsANameAsync(Crowd);

    [Fact]
    public Task A_rename_loses_no_version_created_meanwhile() => RegistryRaces.ARenameTakesAllVersionsAlongAsync(Crowd);

    [Fact]
    public Task Who_writes_to_a_model_being_deleted_succeeds_or_is_told_that_it_is_gone() => RegistryRaces.ADeletedModelIsThereOrGoneAsync(Crowd);

    [Fact]
    public Task Many_writers_of_the_same_metrics_leave_the_latest_right() => RunRaces.LatestMetricsAreTheLatestAsync(Crowd);

    [Fact]
    public Task Who_writes_to_a_run_being_deleted_succeeds_or_is_told_that_it_is_deleted() => RunRaces.ADeletedRunIsActiveOrDeletedAsync(Crowd);
}

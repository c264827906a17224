using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Registry;

public sealed class AliasTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task An_alias_moves_to_another_version()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        await server.CreateVersionAsync(name);
        await server.SetAliasAsync(name, "champion", "1");
        await server.SetAliasAsync(name, "champion", "2");

        var version = Ok(await server.GetByAliasAsync(name, "champion"))["model_version"]!;

        Assert.Equal("2", (string?)version["version"]);
        Assert.Equal("champion", (string?)version["aliases"]![0]);
        Assert.Null((await server.GetVersionAsync(name, "1"))["aliases"]);
    }

    [Theory]
    [InlineData("Latest", "'latest' alias name (case insensitive) is reserved.")]
    [InlineData("v1", "Version alias name 'v1' is reserved.")]
    [InlineData("V12", "Version alias name 'V12' is reserved.")]
    [InlineData("a b", "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-).")]
    public async Task Bad_aliases_cannot_be_set(string alias, string message) => Fails(
        await server.PostAsync("registered-models/alias", new { name = "m", alias, version = "1" }), 400, "INVALID_PARAMETER_VALUE", message);

    [Theory]
    [InlineData("é")]
    [InlineData("v")]
    [InlineData("v1a")]
    [InlineData("A-b_1")]
    public async Task Other_aliases_can(string alias)
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        await server.SetAliasAsync(name, alias, "1");

        Assert.Equal("1", (string?)Ok(await server.GetByAliasAsync(name, alias))["model_version"]!["version"]);
    }

    [Fact]
    public async Task Aliases_have_at_most_255_characters()
    {
        var tooLong = await server.PostAsync("registered-models/alias", new { name = "m", alias = new string('a', 256), version = "1" });

        Fails(tooLong, 400, "INVALID_PARAMETER_VALUE", "'Registered model alias name' exceeds the maximum length of 255 characters");
    }

    [Fact]
    public async Task An_alias_needs_its_version()
    {
        var name = await server.CreateModelAsync();

        Fails(
            await server.PostAsync("registered-models/alias", new { name, alias = "a", version = "99" }),
            404, "RESOURCE_DOES_NOT_EXIST", $"Model Version (name={name}, version=99) not found");
    }

    [Fact]
    public async Task Unknown_aliases_can_be_deleted_but_not_read()
    {
        var name = await server.CreateModelAsync();

        await server.DeleteAsync("registered-models/alias", new { name, alias = "none" });

        Fails(await server.GetByAliasAsync(name, "none"), 400, "INVALID_PARAMETER_VALUE", "Registered model alias none not found.");
        Fails(await server.GetByAliasAsync("nope", "none"), 404, "RESOURCE_DOES_NOT_EXIST", "Registered Model with name=nope not found");
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Delete, "registered-models/alias", new { name = "nope", alias = "x" })).Status);
    }

    [Fact]
    public async Task Latest_is_the_newest_version_in_the_stage_of_the_oldest()
    {
        var name = await server.CreateModelAsync();
        Fails(await server.GetByAliasAsync(name, "latest"), 404, "RESOURCE_DOES_NOT_EXIST", $"Latest version not found for model {name}.");
        for (var i = 0; i < 3; i++)
            await server.CreateVersionAsync(name);

        var allInNone = Ok(await server.GetByAliasAsync(name, "LATEST"))["model_version"]!;
        await server.MoveToStageAsync(name, "1", "Staging");
        var oldestInStaging = Ok(await server.GetByAliasAsync(name, "latest"))["model_version"]!;

        Assert.Equal("3", (string?)allInNone["version"]);
        Assert.Equal("1", (string?)oldestInStaging["version"]);
    }

    [Fact]
    public async Task An_alias_that_mlflow_left_behind_points_to_nothing()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        server.Execute($"INSERT INTO registered_model_aliases (workspace, name, alias, version) VALUES ('default', '{name}', 'ghost', 7)");

        Fails(
            await server.GetByAliasAsync(name, "ghost"), 404, "RESOURCE_DOES_NOT_EXIST", $"Model Version (name={name}, version=7) not found");
    }
}

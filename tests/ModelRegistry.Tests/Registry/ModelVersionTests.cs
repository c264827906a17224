using System.Text.Json.Nodes;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Registry;

public sealed class ModelVersionTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    /// <summary>What MLflow\'s own column holds on MySQL.</summary>
    private const int MySqlTextLimit = 65_535;

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public async Task Concurrent_creations_give_consecutive_numbers(int count)
    {
        var name = await server.CreateModelAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => server.TryCreateVersionAsync(name, "s3://b/p")));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var numbers = answers.Select(answer => int.Parse((string)answer.Json["model_version"]!["version"]!, null)).Order();
        Assert.Equal(Enumerable.Range(1, count), numbers);
    }

    [Fact]
    public async Task Numbers_of_deleted_versions_are_not_used_again()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        await server.CreateVersionAsync(name);
        await server.DeleteAsync("model-versions/delete", new { name, version = "2" });

        Assert.Equal("3", (string?)(await server.CreateVersionAsync(name))["version"]);
    }

    [Fact]
    public async Task A_deleted_version_is_hidden_and_says_nothing_any_more()
    {
        var name = await server.CreateModelAsync();
        Ok(await server.PostAsync(
            "model-versions/create", new { name, source = "s3://secret/p", run_id = "r", run_link = "http://l", description = "d" }));
        await server.SetAliasAsync(name, "gone", "1");

        await server.DeleteAsync("model-versions/delete", new { name, version = "01" });

        Fails(
            await server.GetAsync($"model-versions/get?name={name}&version=1"),
            404, "RESOURCE_DOES_NOT_EXIST", $"Model Version (name={name}, version=1) not found");
        Fails(
            await server.SendAsync(HttpMethod.Delete, "model-versions/delete", new { name, version = "1" }),
            404, "RESOURCE_DOES_NOT_EXIST", $"Model Version (name={name}, version=1) not found");
        Fails(await server.GetByAliasAsync(name, "gone"), 400, "INVALID_PARAMETER_VALUE", "Registered model alias gone not found.");
        Assert.Null((await server.GetModelAsync(name))["aliases"]);
        Assert.Equal(
            "Deleted_Internal REDACTED-SOURCE-PATH REDACTED-RUN-ID REDACTED-RUN-LINK s3://secret/p ",
            server.Execute(
                "SELECT current_stage || ' ' || source || ' ' || run_id || ' ' || run_link || ' ' || storage_location || ' ' "
                + $"|| COALESCE(description, '') FROM model_versions WHERE name = '{name}'"));
    }

    [Fact]
    public async Task Archiving_moves_the_others_out_of_the_stage_at_the_same_time()
    {
        var name = await server.CreateModelAsync();
        for (var i = 0; i < 4; i++)
            await server.CreateVersionAsync(name);
        await server.MoveToStageAsync(name, "1", "production");
        await server.MoveToStageAsync(name, "2", "PRODUCTION");
        await server.MoveToStageAsync(name, "3", "Staging");
        await Task.Delay(5);

        await server.MoveToStageAsync(name, "4", "Production", archive: true);

        var stages = new List<string>();
        for (var i = 1; i <= 4; i++)
            stages.Add((string)(await server.GetVersionAsync(name, $"{i}"))["current_stage"]!);
        Assert.Equal(["Archived", "Archived", "Staging", "Production"], stages);
        var touched = (long)(await server.GetModelAsync(name))["last_updated_timestamp"]!;
        Assert.Equal(touched, (long)(await server.GetVersionAsync(name, "1"))["last_updated_timestamp"]!);
        Assert.Equal(touched, (long)(await server.GetVersionAsync(name, "4"))["last_updated_timestamp"]!);
        Assert.NotEqual(touched, (long)(await server.GetVersionAsync(name, "3"))["last_updated_timestamp"]!);
    }

    [Theory]
    [InlineData("foo", false, 400, "Invalid Model Version stage: foo. Value must be one of None, Staging, Production, Archived.")]
    [InlineData("archived", true, 500, "Model version transition cannot archive existing model versions because 'archived' is not an Active stage. Valid stages are ['Staging', 'Production']")]
    public async Task Bad_stages_are_refused(string stage, bool archive, int status, string message)
    {
        var answer = await server.PostAsync(
            "model-versions/transition-stage", new { name = "any", version = "1", stage, archive_existing_versions = archive });

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_failed_transition_archives_nothing()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        await server.MoveToStageAsync(name, "1", "Staging");

        var answer = await server.PostAsync(
            "model-versions/transition-stage", new { name, version = "9", stage = "Staging", archive_existing_versions = true });

        Assert.Equal(404, answer.Status);
        Assert.Equal("Staging", (string?)(await server.GetVersionAsync(name, "1"))["current_stage"]);
    }

    [Fact]
    public async Task Latest_versions_come_in_the_order_in_which_their_stages_appear()
    {
        var name = await server.CreateModelAsync();
        for (var i = 0; i < 5; i++)
            await server.CreateVersionAsync(name);
        await server.MoveToStageAsync(name, "1", "Archived");
        await server.MoveToStageAsync(name, "4", "Archived");
        await server.MoveToStageAsync(name, "2", "Production");

        var all = Ok(await server.PostAsync("registered-models/get-latest-versions", new { name }));
        var some = Ok(await server.GetAsync($"registered-models/get-latest-versions?name={name}&stages=production&stages=none"));

        Assert.Equal(["4", "2", "5"], all["model_versions"]!.AsArray().Select(version => (string)version!["version"]!));
        Assert.Equal(["2", "5"], some["model_versions"]!.AsArray().Select(version => (string)version!["version"]!));
        Assert.Equal(400, (await server.GetAsync($"registered-models/get-latest-versions?name={name}&stages=x")).Status);
    }

    [Theory]
    [InlineData("None None None", "3")]
    [InlineData("Staging Staging", "2")]
    [InlineData("Archived None Production None", "1 4 3")]
    [InlineData("None None deleted", "2")]
    [InlineData("deleted None", "2")]
    [InlineData("deleted deleted", "")]
    [InlineData("deleted Staging None deleted Staging", "5 3")]
    public async Task A_model_is_answered_with_the_newest_version_of_each_stage(string stages, string latest)
    {
        var name = await server.CreateModelAsync();
        foreach (var (index, stage) in stages.Split(' ').Index())
        {
            var version = $"{index + 1}";
            await server.CreateVersionAsync(name);
            if (stage == "deleted")
                await server.DeleteAsync("model-versions/delete", new { name, version });
            else if (stage != "None")
                await server.MoveToStageAsync(name, version, stage);
        }

        var found = Ok(await server.GetAsync($"registered-models/get?name={name}"))["registered_model"]!;
        var searched = Assert.Single(Ok(await server.GetAsync($"registered-models/search?filter=name%3D'{name}'"))["registered_models"]!.AsArray())!;

        Assert.Equal(latest, Latest(found));
        Assert.Equal(latest, Latest(searched));

        static string Latest(JsonNode model) =>
            string.Join(' ', model["latest_versions"]?.AsArray().Select(version => (string)version!["version"]!) ?? []);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1.0")]
    [InlineData("1__0")]
    [InlineData("_1")]
    public async Task A_version_must_be_an_integer(string version) => Fails(
        await server.GetAsync($"model-versions/get?name=m&version={version}"),
        400, "INVALID_PARAMETER_VALUE", $"Parameter 'version' must be an integer, got '{version}'.");

    [Theory]
    [InlineData("%201%20")]
    [InlineData("01")]
    [InlineData("%2B1")]
    [InlineData("0_1")]
    public async Task A_version_is_read_as_python_reads_integers(string version)
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);

        Assert.Equal("1", (string?)(await server.GetVersionAsync(name, version))["version"]);
    }

    [Fact]
    public async Task A_version_number_beyond_all_versions_is_not_found() => Assert.Equal(
        404, (await server.GetAsync("model-versions/get?name=m&version=99999999999999999999999")).Status);

    [Fact]
    public async Task Updating_without_a_description_removes_it()
    {
        var name = await server.CreateModelAsync();
        var created = await server.CreateVersionAsync(name);

        var updated = (await server.PatchAsync("model-versions/update", new { name, version = "1" }))["model_version"]!;

        Assert.Equal("", (string?)created["description"]);
        Assert.Null(updated["description"]);
    }

    [Theory]
    [InlineData("a,b", "v", "Invalid value \"a,b\" for parameter 'key' supplied: Names may only contain")]
    [InlineData("", "v", "This name would resolve to '.'")]
    public async Task Bad_tags_are_refused_and_no_version_is_made(string key, string value, string message)
    {
        var name = await server.CreateModelAsync();

        var answer = await server.PostAsync("model-versions/create", new { name, source = "s3://b/p", tags = new[] { new { key, value } } });

        Assert.Equal(400, answer.Status);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        Assert.Equal("1", (string?)(await server.CreateVersionAsync(name))["version"]);
    }

    [Fact]
    public async Task Long_tags_are_refused()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        Task<Answer> Set(string key, int length) =>
            server.PostAsync("model-versions/set-tag", new { name, version = "1", key, value = new string('x', length) });

        Fails(await Set(new string('k', 251), 1), 400, "INVALID_PARAMETER_VALUE", "'key' exceeds the maximum length of 250 characters");
        Fails(await Set("k", 100_001), 400, "INVALID_PARAMETER_VALUE", "'value' exceeds the maximum length of 100000 characters");
        Fails(
            await Set("mlflow.prompt.text", 100_001), 400, "INVALID_PARAMETER_VALUE", "Prompt text exceeds max length of 100000 characters.");
        Ok(await Set("k", TestDatabase.IsMariaDb ? MySqlTextLimit : 100_000));
    }
}

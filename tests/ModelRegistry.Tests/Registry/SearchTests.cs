using System.Text.Json.Nodes;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Registry;

public sealed class SearchTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    private const string PromptTag = "mlflow.prompt.is_prompt";

    [Fact]
    public async Task Pages_follow_each_other_and_end_without_a_token()
    {
        var tag = ("group", "pages");
        var names = new List<string>();
        for (var i = 0; i < 25; i++)
            names.Add(await server.CreateModelAsync(tag));

        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await ModelsAsync("tags.group = 'pages'", $"&max_results=10&page_token={Uri.EscapeDataString(token ?? "")}");
            seen.AddRange(Names(page, "registered_models"));
            token = (string?)page["next_page_token"];
        }
        while (token is not null);

        Assert.Equal(names, seen);
    }

    [Fact]
    public async Task A_page_of_many_models_carries_what_belongs_to_each()
    {
        for (var i = 0; i < 40; i++)
        {
            var name = await server.CreateModelAsync(("group", "many"), ("n", $"{i}"));
            await server.CreateVersionAsync(name, tags: ("group", "old"));
            await server.CreateVersionAsync(name, tags: [("group", "many"), ("n", $"{i}")]);
            await server.SetAliasAsync(name, $"a{i}", "2");
        }

        var models = (await ModelsAsync("tags.group = 'many'"))["registered_models"]!.AsArray();
        var versions = (await VersionsAsync("tags.group = 'many'", "&order_by=name&order_by=version_number"))["model_versions"]!.AsArray();

        Assert.Equal(40, models.Count);
        for (var i = 0; i < 40; i++)
        {
            var latest = Assert.Single(models[i]!["latest_versions"]!.AsArray())!;
            Assert.Equal($"{i}", Tag(models[i]!, "n"));
            Assert.Equal($"{i}", Tag(latest, "n"));
            Assert.Equal("2", (string?)latest["version"]);
            Assert.Equal($"a{i}", (string?)latest["aliases"]![0]);
            Assert.Equal(("2", $"a{i}"), ((string?)models[i]!["aliases"]![0]!["version"], (string?)models[i]!["aliases"]![0]!["alias"]));
            Assert.Equal(($"{i}", $"a{i}"), (Tag(versions[i]!, "n"), (string?)versions[i]!["aliases"]![0]));
        }
    }

    [Fact]
    public async Task Post_searches_as_r_and_php_clients_do()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);

        var models = Ok(await server.PostAsync("registered-models/search", new { filter = $"name = '{name}'" }));
        var versions = Ok(await server.PostAsync("model-versions/search", new { filter = $"name = '{name}'", max_results = "5" }));

        Assert.Equal([name], Names(models, "registered_models"));
        Assert.Equal([name], Names(versions, "model_versions"));
    }

    [Fact]
    public async Task Clients_of_the_1x_line_list()
    {
        await server.CreateModelAsync();
        await server.CreateModelAsync();

        var first = Ok(await server.GetAsync("registered-models/list?max_results=1"));
        var second = Ok(await server.GetAsync(
            $"/api/2.0/preview/mlflow/registered-models/list?max_results=1&page_token={Uri.EscapeDataString((string)first["next_page_token"]!)}"));

        Assert.NotEqual(Assert.Single(Names(first, "registered_models")), Assert.Single(Names(second, "registered_models")));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'true'", true)]
    [InlineData("tags.`mlflow.prompt.is_prompt` != 'false'", true)]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'false'", false)]
    [InlineData("tags.`mlflow.prompt.is_prompt` LIKE 'true'", false)]
    public async Task Prompts_are_shown_only_when_asked_for(string condition, bool prompts)
    {
        var group = ("group", $"prompts {condition}");
        var model = await server.CreateModelAsync(group);
        var prompt = await server.CreateModelAsync(group, (PromptTag, "true"));
        await server.CreateVersionAsync(model, "s3://b/p", group);
        await server.CreateVersionAsync(prompt, "prompt-template", group, (PromptTag, "true"));
        await server.CreateVersionAsync(prompt, "s3://b/p", group);
        var filter = $"tags.group = \"prompts {condition}\"" + (condition == "" ? "" : $" AND {condition}");

        Assert.Equal([prompts ? prompt : model], Names(await ModelsAsync(filter), "registered_models"));
        Assert.Equal([prompts ? prompt : model], Names(await VersionsAsync(filter), "model_versions"));
    }

    [Fact]
    public async Task Versions_are_found_by_every_attribute()
    {
        var name = await server.CreateModelAsync();
        for (var i = 1; i <= 3; i++)
            Ok(await server.PostAsync("model-versions/create", new { name, source = $"s3://attr/{name}/P{i}", run_id = $"run{i}{name[^3..]}" }));
        await server.DeleteAsync("model-versions/delete", new { name, version = "3" });
        var run = $"run1{name[^3..]}";

        Assert.Equal(["2", "1"], Versions(await VersionsAsync($"name = '{name}'")));
        Assert.Equal(["1"], Versions(await VersionsAsync($"run_id = '{run}'")));
        Assert.Equal(["1"], Versions(await VersionsAsync($"run_id IN ('{run}','x')")));
        Assert.Equal(["2"], Versions(await VersionsAsync($"name = '{name}' AND run_id != '{run}'")));
        Assert.Equal(["2"], Versions(await VersionsAsync($"source_path = 's3://attr/{name}/P2'")));
        Assert.Empty(Versions(await VersionsAsync($"source_path LIKE 's3://attr/{name}/p%'")));
        Assert.Equal(["2", "1"], Versions(await VersionsAsync($"source_path ILIKE 's3://attr/{name}/p%'")));
        Assert.Equal(["2"], Versions(await VersionsAsync($"name = '{name}' AND version_number > 1")));
        Assert.Equal(["1"], Versions(await VersionsAsync($"name = '{name}' AND version_number <= '1'")));
        Assert.Equal(["1", "2"], Versions(await VersionsAsync($"name = '{name}'", "&order_by=version_number%20ASC")));
    }

    [Fact]
    public async Task Conditions_on_one_tag_hold_for_one_value()
    {
        var name = await server.CreateModelAsync(("color", "dark red"), ("shape", "round"));

        Assert.Equal([name], Names(await ModelsAsync("tags.color LIKE 'dark%' AND tags.color LIKE '%red' AND tag.shape = 'round'"), "registered_models"));
        Assert.Empty(Names(await ModelsAsync("tags.color LIKE 'dark%' AND tags.color != 'dark red'"), "registered_models"));
        Assert.Empty(Names(await ModelsAsync("tags.color LIKE 'dark%' AND tags.absent != 'x'"), "registered_models"));
    }

    [Theory]
    [InlineData("registered-models/search?filter=nme%20%3D%20%27x%27", "Invalid attribute key 'nme' specified. Valid keys are '{'name'}'")]
    [InlineData("registered-models/search?filter=name%20%3E%20%27x%27", "Invalid comparator for attribute: >")]
    [InlineData("model-versions/search?max_results=0", "Invalid value for max_results. It must be a positive integer, but got 0")]
    [InlineData(
        "model-versions/search?max_results=200001",
        "Invalid value \"200001\" for parameter 'max_results' supplied:  Hint: Value was of type 'str'. See the API docs for more information about request parameters.")]
    public async Task Bad_searches_are_explained(string path, string message) =>
        Fails(await server.GetAsync(path), 400, "INVALID_PARAMETER_VALUE", message);

    [Fact]
    public async Task A_page_of_nothing_still_has_a_token()
    {
        await server.CreateModelAsync();

        var zero = Ok(await server.GetAsync("registered-models/search?max_results=0"));
        var negative = Ok(await server.GetAsync("registered-models/search?max_results=-1"));

        Assert.Null(zero["registered_models"]);
        Assert.NotNull(zero["next_page_token"]);
        Assert.Null(negative["registered_models"]);
        Assert.NotNull(negative["next_page_token"]);
    }

    private async Task<JsonNode> ModelsAsync(string filter, string more = "") =>
        Ok(await server.GetAsync($"registered-models/search?filter={Uri.EscapeDataString(filter)}{more}"));

    private async Task<JsonNode> VersionsAsync(string filter, string more = "") =>
        Ok(await server.GetAsync($"model-versions/search?filter={Uri.EscapeDataString(filter)}{more}"));

    private static List<string> Names(JsonNode page, string list) =>
        [.. (page[list]?.AsArray() ?? []).Select(item => (string)item!["name"]!)];

    private static List<string> Versions(JsonNode page) =>
        [.. (page["model_versions"]?.AsArray() ?? []).Select(item => (string)item!["version"]!)];

    private static string? Tag(JsonNode item, string key) =>
        (string?)item["tags"]!.AsArray().Single(tag => (string?)tag!["key"] == key)!["value"];
}

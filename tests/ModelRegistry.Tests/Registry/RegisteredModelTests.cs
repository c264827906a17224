using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Registry;

public sealed class RegisteredModelTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    private const string PromptTag = "mlflow.prompt.is_prompt";

    [Fact]
    public async Task A_name_can_be_taken_once()
    {
        var name = await server.CreateModelAsync();

        var second = await server.PostAsync("registered-models/create", new { name });

        Fails(second, 400, "RESOURCE_ALREADY_EXISTS", $"Registered Model (name={name}) already exists.");
    }

    [Fact]
    public async Task A_prompt_and_a_model_cannot_share_a_name()
    {
        var model = await server.CreateModelAsync();
        var prompt = await server.CreateModelAsync((PromptTag, "true"));
        var promptTags = new[] { new { key = PromptTag, value = "true" } };

        var promptOverModel = await server.PostAsync("registered-models/create", new { name = model, tags = promptTags });
        var modelOverPrompt = await server.PostAsync("registered-models/create", new { name = prompt });
        var promptOverPrompt = await server.PostAsync("registered-models/create", new { name = prompt, tags = promptTags });

        Assert.Equal(
            $"Tried to create a prompt with name '{model}', but the name is already taken by a registered model. "
            + "MLflow does not allow creating a model and a prompt with the same name.",
            promptOverModel.Message);
        Assert.Equal(
            $"Tried to create a registered model with name '{prompt}', but the name is already taken by a prompt. "
            + "MLflow does not allow creating a model and a prompt with the same name.",
            modelOverPrompt.Message);
        Assert.Equal($"Prompt (name={prompt}) already exists.", promptOverPrompt.Message);
    }

    [Theory]
    [InlineData("  ", "Missing value for required parameter 'name'.")]
    [InlineData("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'.")]
    [InlineData("a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'.")]
    [InlineData(
        "..",
        "Invalid value \"..\" for parameter 'name' supplied: Names may be treated as files in certain cases, and must not resolve to other names"
        + " when treated as such. This name would resolve to '..'")]
    public async Task Bad_names_are_refused_everywhere(string name, string message)
    {
        Fails(await server.PostAsync("registered-models/create", new { name }), 400, "INVALID_PARAMETER_VALUE", message);
        Fails(await server.GetAsync($"registered-models/get?name={Uri.EscapeDataString(name)}"), 400, "INVALID_PARAMETER_VALUE", message);
        Fails(await server.SendAsync(HttpMethod.Delete, "registered-models/delete", new { name }), 400, "INVALID_PARAMETER_VALUE", message);
        Fails(await server.TryCreateVersionAsync(name, "s3://b/p"), 400, "INVALID_PARAMETER_VALUE", message);
    }

    [Fact]
    public async Task Of_a_repeated_tag_the_last_value_counts()
    {
        var name = await server.CreateModelAsync(("a", "1"), ("b", "2"), ("a", "3"));

        var tags = (await server.GetModelAsync(name))["tags"]!.AsArray().Select(tag => $"{tag!["key"]}={tag["value"]}");

        Assert.Equal(["a=3", "b=2"], tags);
    }

    [Fact]
    public async Task Updating_without_a_description_clears_it()
    {
        var name = await server.CreateModelAsync();
        var first = (await server.PatchAsync("registered-models/update", new { name, description = "d" }))["registered_model"]!;
        var second = (await server.PatchAsync("registered-models/update", new { name }))["registered_model"]!;

        Assert.Equal("d", (string?)first["description"]);
        Assert.Null(second["description"]);
    }

    [Fact]
    public async Task Post_updates_and_deletes_tags_as_php_clients_expect()
    {
        var name = await server.CreateModelAsync(("k", "v"));
        await server.CreateVersionAsync(name, tags: ("k", "v"));

        Ok(await server.PostAsync("registered-models/update", new { name, description = "d" }));
        Ok(await server.PostAsync("registered-models/delete-tag", new { name, key = "k" }));
        Ok(await server.PostAsync("model-versions/update", new { name, version = "1", description = "vd" }));
        Ok(await server.PostAsync("model-versions/delete-tag", new { name, version = "1", key = "k" }));

        var model = await server.GetModelAsync(name);
        Assert.Equal("d", (string?)model["description"]);
        Assert.Null(model["tags"]);
        Assert.Equal("vd", (string?)model["latest_versions"]![0]!["description"]);
        Assert.Null(model["latest_versions"]![0]!["tags"]);
        Assert.Equal(405, (await server.PostAsync("registered-models/delete", new { name })).Status);
    }

    [Fact]
    public async Task Renaming_moves_everything_and_touches_every_version()
    {
        var name = await server.CreateModelAsync(("team", "x"));
        for (var i = 0; i < 30; i++)
            await server.CreateVersionAsync(name, tags: ("n", $"{i}"));
        await server.SetAliasAsync(name, "champion", "7");
        await server.MoveToStageAsync(name, "3", "Production");
        var before = await server.GetModelAsync(name);

        Ok(await server.PostAsync("registered-models/rename", new { name, new_name = name + " new" }));

        var after = await server.GetModelAsync(name + " new");
        Assert.Equal(404, (await server.GetAsync($"registered-models/get?name={name}")).Status);
        Assert.Equal((long)before["creation_timestamp"]!, (long)after["creation_timestamp"]!);
        Assert.Equal(before["tags"]!.ToJsonString(), after["tags"]!.ToJsonString());
        Assert.Equal(before["aliases"]!.ToJsonString(), after["aliases"]!.ToJsonString());
        Assert.Equal(["30", "3"], after["latest_versions"]!.AsArray().Select(version => (string)version!["version"]!));
        Assert.All(Enumerable.Range(1, 30), i => Assert.Equal($"{i - 1}", (string?)VersionTag(name + " new", i)));
        Assert.Equal(
            (long)after["last_updated_timestamp"]!,
            (long)(await server.GetVersionAsync(name + " new", "1"))["last_updated_timestamp"]!);
        if (!TestDatabase.IsMariaDb)
            Assert.Null(server.Execute("PRAGMA foreign_key_check"));
        Assert.Equal("31", (string?)(await server.CreateVersionAsync(name + " new"))["version"]);
    }

    [Fact]
    public async Task Renaming_to_a_taken_name_changes_nothing()
    {
        var name = await server.CreateModelAsync();
        var other = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);
        var before = (await server.GetModelAsync(name)).ToJsonString();

        var answer = await server.PostAsync("registered-models/rename", new { name, new_name = other });

        Assert.Equal((400, "RESOURCE_ALREADY_EXISTS"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith($"Registered Model (name={other}) already exists. Error: ", answer.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await server.GetModelAsync(name)).ToJsonString());
    }

    [Fact]
    public async Task Renaming_to_its_own_name_is_a_touch()
    {
        var name = await server.CreateModelAsync();
        await server.CreateVersionAsync(name);

        var renamed = Ok(await server.PostAsync("registered-models/rename", new { name, new_name = name }))["registered_model"]!;

        Assert.Equal((long)renamed["last_updated_timestamp"]!, (long)renamed["latest_versions"]![0]!["last_updated_timestamp"]!);
    }

    [Fact]
    public async Task A_deleted_model_leaves_nothing_behind()
    {
        var name = await server.CreateModelAsync(("k", "v"));
        await server.CreateVersionAsync(name, tags: ("k", "v"));
        await server.SetAliasAsync(name, "a", "1");

        await server.DeleteAsync("registered-models/delete", new { name });
        var again = await server.SendAsync(HttpMethod.Delete, "registered-models/delete", new { name });
        Ok(await server.PostAsync("registered-models/create", new { name }));
        var version = await server.CreateVersionAsync(name);

        Fails(again, 404, "RESOURCE_DOES_NOT_EXIST", $"Registered Model with name={name} not found");
        Assert.Equal("1", (string?)version["version"]);
        var model = await server.GetModelAsync(name);
        Assert.Null(model["tags"]);
        Assert.Null(model["aliases"]);
        Assert.Null((await server.GetVersionAsync(name, "1"))["tags"]);
    }

    [Fact]
    public async Task Names_differ_by_letter_case()
    {
        var name = await server.CreateModelAsync();

        var other = await server.GetAsync($"registered-models/get?name={name.ToUpperInvariant()}");

        Fails(other, 404, "RESOURCE_DOES_NOT_EXIST", $"Registered Model with name={name.ToUpperInvariant()} not found");
    }

    [Fact]
    public async Task Tags_touch_no_timestamp()
    {
        var name = await server.CreateModelAsync();
        var before = (JsonNode)await server.GetModelAsync(name);
        await Task.Delay(5);

        Ok(await server.PostAsync("registered-models/set-tag", new { name, key = "k", value = "v" }));
        Ok(await server.PostAsync("registered-models/set-tag", new { name, key = "k" }));
        await server.DeleteAsync("registered-models/delete-tag", new { name, key = "absent" });

        var after = await server.GetModelAsync(name);
        Assert.Equal((long)before["last_updated_timestamp"]!, (long)after["last_updated_timestamp"]!);
        Assert.Equal("", (string?)after["tags"]![0]!["value"]);
    }

    private object? VersionTag(string name, int version) =>
        server.Execute($"SELECT value FROM model_version_tags WHERE name = '{name}' AND version = {version}");
}

using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>Where the parameters are: export-import and R put those of GET into the body, Julia those of DELETE into both places.</summary>
public sealed class BodyAndQueryTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Export_import_reads_with_get_and_a_json_body()
    {
        var name = await server.NewModelAsync(versions: 1);
        var experiment = await server.NewExperimentAsync();

        var model = await server.SucceedAsync("GET", "registered-models/get", $$"""{"name": "{{name}}"}""");
        var version = await server.SucceedAsync("GET", "model-versions/get", $$"""{"name": "{{name}}", "version": "1"}""");
        var found = await server.SucceedAsync("GET", "registered-models/search", $$"""{"filter": "name = '{{name}}'", "max_results": 20}""");
        var read = await server.SucceedAsync("GET", "experiments/get", $$"""{"experiment_id": "{{experiment}}"}""");

        Assert.Equal(name, (string?)model["registered_model"]!["name"]);
        Assert.Equal("1", (string?)version["model_version"]!["version"]);
        Assert.Equal([name], found.Names("registered_models"));
        Assert.Equal(experiment, (string?)read["experiment"]!["experiment_id"]);
    }

    [Fact]
    public async Task The_body_of_a_get_is_ignored_when_there_is_a_query()
    {
        var (name, other) = (await server.NewModelAsync(), await server.NewModelAsync());

        var read = await server.SucceedAsync("GET", $"registered-models/get?name={name}", $$"""{"name": "{{other}}"}""");

        Assert.Equal(name, (string?)read["registered_model"]!["name"]);
    }

    [Fact]
    public async Task R_deletes_with_a_json_body()
    {
        var name = await server.NewModelAsync(versions: 1);
        await server.SucceedAsync("POST", "model-versions/set-tag", $$"""{"name": "{{name}}", "version": "1", "key": "k", "value": "v"}""");
        await server.SucceedAsync("DELETE", "model-versions/delete-tag", $$"""{"name": "{{name}}", "version": "1", "key": "k"}""");
        await server.SucceedAsync("DELETE", "model-versions/delete", $$"""{"name": "{{name}}", "version": "1"}""");
        await server.SucceedAsync("DELETE", "registered-models/delete", $$"""{"name": "{{name}}"}""");

        Assert.Equal(404, (await server.RequestAsync("GET", $"registered-models/get?name={name}")).Status);
    }

    [Fact]
    public async Task Julia_deletes_with_the_parameters_in_both_places()
    {
        var name = await server.NewModelAsync(versions: 1);
        var alias = $$"""{"name": "{{name}}", "alias": "champion", "version": "1"}""";
        await server.SucceedAsync("POST", "registered-models/alias", alias);
        await server.SucceedAsync("DELETE", $"registered-models/alias?name={name}&alias=champion", alias);
        await server.SucceedAsync("DELETE", $"registered-models/delete?name={name}", $$"""{"name": "{{name}}"}""");

        Assert.Equal(404, (await server.RequestAsync("GET", $"registered-models/get?name={name}")).Status);
    }

    [Fact]
    public async Task A_delete_with_a_query_alone_lacks_its_parameters()
    {
        var name = await server.NewModelAsync();

        var answer = await server.RequestAsync("DELETE", $"registered-models/delete?name={name}");

        Assert.Equal(
            (400, "Missing value for required parameter 'name'. See the API docs for more information about request parameters."),
            (answer.Status, answer.Message));
        await server.SucceedAsync("GET", $"registered-models/get?name={name}");
    }

    [Fact]
    public async Task R_updates_with_patch_and_php_with_post()
    {
        var name = await server.NewModelAsync(versions: 1);
        await server.SucceedAsync("PATCH", "registered-models/update", $$"""{"name": "{{name}}", "description": "by R"}""");
        await server.SucceedAsync("POST", "model-versions/update", $$"""{"name": "{{name}}", "version": "1", "description": "by PHP"}""");

        var model = (await server.SucceedAsync("GET", $"registered-models/get?name={name}"))["registered_model"]!;

        Assert.Equal("by R", (string?)model["description"]);
        Assert.Equal("by PHP", (string?)model["latest_versions"]![0]!["description"]);
    }

    [Fact]
    public async Task Lists_in_a_query_are_repeated_keys()
    {
        var name = await server.NewModelAsync(versions: 3);
        foreach (var (version, stage) in (IEnumerable<(int, string)>)[(1, "Staging"), (2, "Production")])
        {
            await server.SucceedAsync(
                "POST", "model-versions/transition-stage",
                $$"""{"name": "{{name}}", "version": "{{version}}", "stage": "{{stage}}", "archive_existing_versions": false}""");
        }

        var latest = await server.SucceedAsync("GET", $"registered-models/get-latest-versions?name={name}&stages=Staging&stages=Production");
        var found = await server.SucceedAsync(
            "GET", $"model-versions/search?filter=name%3D%27{name}%27&order_by=name%20ASC&order_by=version_number%20ASC");

        Assert.Equal(["1", "2"], latest.Names("model_versions", "version").Order());
        Assert.Equal(["1", "2", "3"], found.Names("model_versions", "version"));
    }

    [Fact]
    public async Task R_and_php_search_with_post()
    {
        var name = await server.NewModelAsync(versions: 1);

        var models = await server.SucceedAsync("POST", "registered-models/search", $$"""{"filter": "name = '{{name}}'", "max_results": "5"}""");
        var versions = await server.SucceedAsync("POST", "model-versions/search", $$"""{"filter": "name = '{{name}}'"}""");

        Assert.Equal([name], models.Names("registered_models"));
        Assert.Equal(["1"], versions.Names("model_versions", "version"));
    }

    [Fact]
    public async Task The_last_page_has_no_token_and_every_token_leads_to_it()
    {
        var name = await server.NewModelAsync(versions: 3);
        var seen = new List<string>();
        string? token = null;
        do
        {
            var page = await server.SucceedAsync(
                "GET", $"model-versions/search?filter=name%3D%27{name}%27&max_results=2{(token is null ? "" : "&page_token=" + Uri.EscapeDataString(token))}");
            seen.AddRange(page.Names("model_versions", "version"));
            token = (string?)page["next_page_token"];
            Assert.Equal(token is not null, page.AsObject().ContainsKey("next_page_token"));
        }
        while (token is not null);

        Assert.Equal(["1", "2", "3"], seen.Order());
    }
}

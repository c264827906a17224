using System.Text.Json.Nodes;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>
/// What MLflow's own Python clients of the 1.x and 2.x lines send to a registry, call by call: reads carry a query string, deletes and
/// updates a JSON body, versions are texts.
/// </summary>
public sealed class OfficialClientTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Preview = "/api/2.0/preview/mlflow/";

    [Theory]
    [InlineData(Preview)]
    [InlineData("")]
    public async Task The_flow_of_1x_goes_by_stages(string root)
    {
        var (name, renamed) = (TrackingCalls.UniqueName("old"), TrackingCalls.UniqueName("renamed"));
        var run = await server.NewRunAsync();

        await server.SucceedAsync("POST", root + "registered-models/create", $$"""{"name": "{{name}}"}""");
        var created = await server.SucceedAsync(
            "POST", root + "model-versions/create", $$"""{"name": "{{name}}", "source": "s3://b/{{run}}/artifacts/model", "run_id": "{{run}}"}""");
        await server.SucceedAsync("PATCH", root + "registered-models/update", $$"""{"name": "{{name}}", "description": "what it is"}""");
        await server.SucceedAsync("PATCH", root + "model-versions/update", $$"""{"name": "{{name}}", "version": "1", "description": "first"}""");
        await server.SucceedAsync("POST", root + "registered-models/set-tag", $$"""{"name": "{{name}}", "key": "team", "value": "blue"}""");
        await server.SucceedAsync("POST", root + "model-versions/set-tag", $$"""{"name": "{{name}}", "version": "1", "key": "k", "value": "v"}""");
        await server.SucceedAsync(
            "POST", root + "model-versions/transition-stage",
            $$"""{"name": "{{name}}", "version": "1", "stage": "production", "archive_existing_versions": true}""");
        await server.SucceedAsync("POST", root + "registered-models/rename", $$"""{"name": "{{name}}", "new_name": "{{renamed}}"}""");

        var version = (await server.SucceedAsync("GET", root + $"model-versions/get?name={renamed}&version=1"))["model_version"]!;
        var uri = await server.SucceedAsync("GET", root + $"model-versions/get-download-uri?name={renamed}&version=1");
        var latest = await server.SucceedAsync("GET", root + $"registered-models/get-latest-versions?name={renamed}&stages=Production&stages=Staging");
        var ofRun = await server.SucceedAsync("GET", root + $"model-versions/search?filter=run_id%3D%27{run}%27");
        Assert.Equal("READY", (string?)created["model_version"]!["status"]);
        Assert.Equal(("Production", "first", run), ((string?)version["current_stage"], (string?)version["description"], (string?)version["run_id"]));
        Assert.Equal($"s3://b/{run}/artifacts/model", (string?)uri["artifact_uri"]);
        Assert.Equal(["1"], latest.Names("model_versions", "version"));
        Assert.Equal([renamed], ofRun.Names("model_versions"));

        await server.SucceedAsync("DELETE", root + "model-versions/delete-tag", $$"""{"name": "{{renamed}}", "version": "1", "key": "k"}""");
        await server.SucceedAsync("DELETE", root + "registered-models/delete-tag", $$"""{"name": "{{renamed}}", "key": "team"}""");
        await server.SucceedAsync("DELETE", root + "model-versions/delete", $$"""{"name": "{{renamed}}", "version": "1"}""");
        await server.SucceedAsync("DELETE", root + "registered-models/delete", $$"""{"name": "{{renamed}}"}""");
        Assert.Equal(404, (await server.RequestAsync("GET", root + $"registered-models/get?name={renamed}")).Status);
    }

    [Fact]
    public async Task The_flow_of_2x_goes_by_aliases_and_pages()
    {
        var name = TrackingCalls.UniqueName("model");
        await server.SucceedAsync(
            "POST", "registered-models/create", $$"""{"name": "{{name}}", "tags": [{"key": "team", "value": "blue"}], "description": "what it is"}""");
        for (var number = 1; number <= 3; number++)
        {
            await server.SucceedAsync(
                "POST", "model-versions/create",
                $$"""
                {"name": "{{name}}", "source": "s3://b/{{number}}", "run_link": "https://runs.example/{{number}}", "description": "v{{number}}",
                 "tags": [{"key": "number", "value": "{{number}}"}]}
                """);
        }

        await server.SucceedAsync("POST", "registered-models/alias", $$"""{"name": "{{name}}", "alias": "champion", "version": "2"}""");
        var model = (await server.SucceedAsync("GET", $"registered-models/get?name={name}"))["registered_model"]!;
        var champion = (await server.SucceedAsync("GET", $"registered-models/alias?name={name}&alias=champion"))["model_version"]!;
        var query = $"model-versions/search?filter=name%3D%27{name}%27&max_results=2&order_by=version_number+DESC&order_by=name";
        var first = await server.SucceedAsync("GET", query);
        var second = await server.SucceedAsync("GET", $"{query}&page_token={Uri.EscapeDataString((string)first["next_page_token"]!)}");
        var models = await server.SucceedAsync(
            "GET", $"registered-models/search?filter=name+LIKE+%27{name}%25%27+and+tag.team+%3D+%27blue%27&max_results=100&order_by=last_updated_timestamp+DESC");
        var copy = (await server.SucceedAsync("POST", "model-versions/create", $$"""{"name": "{{name}}", "source": "models:/{{name}}/2"}"""))["model_version"]!;
        await server.SucceedAsync("DELETE", "registered-models/alias", $$"""{"name": "{{name}}", "alias": "champion"}""");

        Assert.Equal([("champion", "2")], model["aliases"]!.AsArray().Select(alias => ((string)alias!["alias"]!, (string)alias["version"]!)));
        Assert.Equal(
            ("2", "https://runs.example/2", "v2", "champion"),
            ((string?)champion["version"], (string?)champion["run_link"], (string?)champion["description"], (string?)champion["aliases"]![0]));
        Assert.Equal(["3", "2"], first.Names("model_versions", "version"));
        Assert.Equal(["1"], second.Names("model_versions", "version"));
        Assert.Null(second["next_page_token"]);
        Assert.Equal([name], models.Names("registered_models"));
        Assert.Equal("4", (string?)copy["version"]);
        Assert.Equal(400, (await server.RequestAsync("GET", $"registered-models/alias?name={name}&alias=champion")).Status);
    }

    [Fact]
    public async Task A_deployer_gets_the_place_in_the_bucket_or_the_source_as_it_was_registered()
    {
        var name = await server.NewModelAsync();
        foreach (var source in (string[])["gs://bucket/model", "s3://bucket/a b/model", "mlflow-artifacts:/1/x/artifacts/model"])
            await server.SucceedAsync("POST", "model-versions/create", new JsonObject { ["name"] = name, ["source"] = source }.ToJsonString());

        var places = new List<string?>();
        for (var version = 1; version <= 3; version++)
            places.Add((string?)(await server.SucceedAsync("GET", $"model-versions/get-download-uri?name={name}&version={version}"))["artifact_uri"]);

        Assert.Equal(["gs://bucket/model", "s3://bucket/a b/model", "mlflow-artifacts:/1/x/artifacts/model"], places);
    }

    [Fact]
    public async Task What_was_written_through_one_replica_can_be_read_through_the_other_at_once()
    {
        var home = Directory.CreateTempSubdirectory("modelregistry-test-");
        try
        {
            var database = await TestDatabase.CreateAsync(home.FullName);
            await using var one = await StartedServer.StartAsync(options => options with { BackendStoreUri = database.Uri });
            await using var two = await StartedServer.StartAsync(options => options with { BackendStoreUri = database.Uri });
            for (var round = 0; round < 5; round++)
            {
                var (writer, reader) = round % 2 == 0 ? (one, two) : (two, one);
                Assert.Equal(200, await writer.PostAsync("/api/2.0/mlflow/registered-models/create", $$"""{"name": "m{{round}}"}"""));
                Assert.Equal(200, (await reader.GetAsync($"/api/2.0/mlflow/registered-models/get?name=m{round}")).Status);
                Assert.Equal(200, await reader.PostAsync("/api/2.0/mlflow/registered-models/rename", $$"""{"name": "m{{round}}", "new_name": "n{{round}}"}"""));
                Assert.Equal(404, (await writer.GetAsync($"/api/2.0/mlflow/registered-models/get?name=m{round}")).Status);
            }
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }
}

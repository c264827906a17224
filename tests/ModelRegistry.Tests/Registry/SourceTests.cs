using System.Text.Json.Nodes;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Registry;

public sealed class SourceTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    private const string Absolute =
        ". If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided "
        + "without relative path references present. Please provide an absolute path.";

    [Theory]
    [InlineData("s3://b//c")]
    [InlineData("http://h/a/b")]
    [InlineData("runs:/abc/m")]
    [InlineData("mlflow-artifacts:/1/2/artifacts/model")]
    [InlineData("dbfs:/a+b/c d")]
    [InlineData("gs://b/a?x=..")]
    public async Task Remote_sources_are_taken_as_they_are(string source)
    {
        var name = await server.CreateModelAsync();

        var version = await server.CreateVersionAsync(name, source);

        Assert.Equal(source, (string?)version["source"]);
        Assert.Equal(source, await server.DownloadUriAsync(name, "1"));
    }

    [Theory]
    [InlineData("s3://b/../c")]
    [InlineData("s3://b/%2e%2e/c")]
    [InlineData("s3://b/%252e%252e/c")]
    [InlineData("s3://b/c%00")]
    [InlineData("http://h/a/./b")]
    [InlineData("mlflow-artifacts:a/b")]
    [InlineData("s3://bucket")]
    [InlineData("s3://bucket/")]
    [InlineData("mlflow-artifacts://host:9000/..%2f..%2fetc")]
    public async Task Remote_sources_with_tricks_are_refused(string source)
    {
        var name = await server.CreateModelAsync();

        Fails(
            await server.TryCreateVersionAsync(name, source),
            400, "INVALID_PARAMETER_VALUE", $"Invalid model version source: '{source}'{Absolute}");
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("file:///etc")]
    [InlineData("file://localhost/etc")]
    [InlineData("foo/bar")]
    public async Task Local_sources_need_a_run(string source)
    {
        var name = await server.CreateModelAsync();

        Fails(
            await server.TryCreateVersionAsync(name, source),
            400,
            "INVALID_PARAMETER_VALUE",
            $"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id request parameter has to be "
            + "specified and the local path has to be contained within the artifact directory of the run specified by the run_id.");
        Fails(
            await server.PostAsync("model-versions/create", new { name, source, run_id = "nope" }),
            404, "RESOURCE_DOES_NOT_EXIST", "Run with id=nope not found");
        Fails(
            await server.PostAsync("model-versions/create", new { name, source, model_id = "m-nope" }),
            404, "RESOURCE_DOES_NOT_EXIST", "Logged model with ID 'm-nope' not found.");
    }

    [Fact]
    public async Task A_file_uri_of_another_host_is_an_error() => Assert.Equal(
        500, (await server.TryCreateVersionAsync(await server.CreateModelAsync(), "file://elsewhere/etc")).Status);

    [Fact]
    public async Task A_local_source_must_lie_in_the_artifacts_of_its_run()
    {
        var name = await server.CreateModelAsync();
        var artifacts = Directory.CreateDirectory(Path.Combine(server.Home, "local root", "run")).FullName;
        Directory.CreateDirectory(artifacts + "-other");
        File.CreateSymbolicLink(Path.Combine(artifacts, "escape"), "/etc");
        File.CreateSymbolicLink(Path.Combine(server.Home, "entry"), artifacts);
        var run = await CreateRunAsync($"file://{artifacts.Replace(" ", "%20", StringComparison.Ordinal)}");
        Task<Answer> Create(string source) => server.PostAsync("model-versions/create", new { name, source, run_id = run });

        Ok(await Create(artifacts));
        Ok(await Create($"{artifacts}/model"));
        Ok(await Create($"{artifacts}/a/../model"));
        Ok(await Create($"{server.Home}/entry/model"));
        Ok(await Create($"file://{artifacts.Replace(" ", "%20", StringComparison.Ordinal)}/model"));
        foreach (var outside in (string[])[$"{artifacts}/..", $"{artifacts}-other", $"{artifacts}/escape/ssh", $"{artifacts}/%2e%2e/x", "/etc"])
        {
            var answer = await Create(outside);
            Assert.True(answer.Status == 400, outside);
            Assert.Contains("has to be contained within the artifact directory", answer.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Prompts_have_no_local_source()
    {
        var name = await server.CreateModelAsync(("mlflow.prompt.is_prompt", "true"));
        Task<Answer> Create(string source) => server.PostAsync(
            "model-versions/create", new { name, source, tags = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" } } });

        Ok(await Create("prompt-template"));
        foreach (var source in (string[])["/etc", "file:///etc"])
        {
            Fails(
                await Create(source),
                400, "INVALID_PARAMETER_VALUE", $"Invalid prompt source: '{source}'. Local source paths are not allowed for prompts.");
        }

        Assert.Equal(400, (await Create("http://h/../x")).Status);
    }

    [Fact]
    public async Task A_copy_of_a_copy_points_to_the_root()
    {
        var name = await server.CreateModelAsync();
        var copy = await server.CreateModelAsync();
        await server.CreateVersionAsync(name, "s3://root/files");
        await server.SetAliasAsync(name, "champion", "1");

        await server.CreateVersionAsync(copy, $"models:/{name}/1");
        await server.CreateVersionAsync(copy, $"models:/{copy}/1");
        var byAlias = await server.CreateVersionAsync(copy, $"models:/{name}@champion");

        Assert.Equal($"models:/{name}@champion", (string?)byAlias["source"]);
        for (var i = 1; i <= 3; i++)
            Assert.Equal("s3://root/files", await server.DownloadUriAsync(copy, $"{i}"));
    }

    [Theory]
    [InlineData("models:/nope/99", "Model Version (name=nope, version=99) not found")]
    [InlineData("models:/nope@x", "Registered Model with name=nope not found")]
    [InlineData("models:/m-123", "Logged model with ID 'm-123' not found.")]
    public async Task A_source_that_leads_nowhere_is_an_error(string source, string reason)
    {
        var name = await server.CreateModelAsync();

        Fails(
            await server.TryCreateVersionAsync(name, source),
            500, "INTERNAL_ERROR", $"Unable to fetch model from model URI source artifact location '{source}'.Error: {reason}");
    }

    [Fact]
    public async Task A_models_uri_with_too_many_parts_is_an_error() => Assert.StartsWith(
        "Not a proper models:/ URI: models:/a/b/c. Models URIs must be of the form",
        (await server.TryCreateVersionAsync(await server.CreateModelAsync(), "models:/a/b/c")).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task A_logged_model_learns_of_its_versions()
    {
        var name = await server.CreateModelAsync();
        var id = AddLoggedModel("m-learns", "run of the model");
        Task<Answer> Create(string model) => server.PostAsync("model-versions/create", new { name, source = $"models:/{model}", model_id = model });

        var version = Ok(await Create(id))["model_version"]!;
        Ok(await Create(id));
        var unknown = await server.PostAsync("model-versions/create", new { name, source = "s3://b/p", run_id = "r", model_id = "m-nope" });

        Assert.Equal("run of the model", (string?)version["run_id"]);
        Assert.Equal($"s3://models/{id}", await server.DownloadUriAsync(name, "1"));
        Assert.Equal(
            $$"""[{"name": "{{name}}", "version": 1}, {"name": "{{name}}", "version": 2}]""",
            server.Execute($"SELECT tag_value FROM logged_model_tags WHERE model_id = '{id}' AND tag_key = 'mlflow.modelVersions'"));
        Fails(unknown, 404, "RESOURCE_DOES_NOT_EXIST", "Logged model with ID 'm-nope' not found.");
        Assert.Equal(404, (await server.GetAsync($"model-versions/get?name={name}&version=3")).Status);
    }

    [Fact]
    public async Task The_versions_of_a_logged_model_are_not_lost_when_they_come_together()
    {
        var name = await server.CreateModelAsync();
        var id = AddLoggedModel("m-busy", "r");

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            server.PostAsync("model-versions/create", new { name, source = $"models:/{id}", model_id = id })));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var tag = (string)server.Execute($"SELECT tag_value FROM logged_model_tags WHERE model_id = '{id}'")!;
        Assert.Equal(Enumerable.Range(1, 16), JsonNode.Parse(tag)!.AsArray().Select(entry => (int)entry!["version"]!).Order());
    }

    private string AddLoggedModel(string id, string run)
    {
        server.Execute(
            $"""
            INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status,
                lifecycle_stage, source_run_id)
            VALUES ('{id}', 0, 'n', 's3://models/{id}', 1, 1, 2, 'active', '{run}')
            """);
        return id;
    }

    private async Task<string> CreateRunAsync(string artifacts)
    {
        var created = Ok(await server.PostAsync("runs/create", new { experiment_id = "0", start_time = 1 }));
        var id = (string)created["run"]!["info"]!["run_id"]!;
        server.Execute($"UPDATE runs SET artifact_uri = '{artifacts}' WHERE run_uuid = '{id}'");
        return id;
    }
}

using System.Globalization;
using ModelRegistry.Tests.Recordings;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class RunArtifactTests(ArtifactServer server) : IClassFixture<ArtifactServer>
{
    [Fact]
    public async Task The_files_of_a_run_are_listed_relative_to_the_run()
    {
        var (run, root) = await server.CreateRunAsync();
        await PutAsync(root, "a.txt", "123");
        await PutAsync(root, "d/x.txt", "123");

        var top = await server.GetAsync($"artifacts/list?run_id={run}");
        var below = await server.GetAsync($"/ajax-api/2.0/mlflow/artifacts/list?run_uuid={run}&path=./d&page_token=x");
        var file = await server.GetAsync($"artifacts/list?run_id={run}&path=a.txt");

        Assert.Equal(
            $$"""{"root_uri":"{{root}}","files":[{"path":"a.txt","is_dir":false,"file_size":3},{"path":"d","is_dir":true}]}""", top.Text);
        Assert.Equal($$"""{"root_uri":"{{root}}","files":[{"path":"./d/x.txt","is_dir":false,"file_size":3}]}""", below.Text);
        Assert.Equal($$"""{"root_uri":"{{root}}"}""", file.Text);
    }

    [Fact]
    public async Task A_listing_needs_a_run()
    {
        var none = await server.GetAsync("artifacts/list?path=x");
        var unknown = await server.GetAsync("artifacts/list?run_id=nope");

        Assert.StartsWith("Missing value for required parameter 'run_id'.", none.Message, StringComparison.Ordinal);
        Assert.Equal((404, "Run with id=nope not found"), (unknown.Status, unknown.Message));
    }

    [Fact]
    public async Task A_download_can_be_taken_in_parts_and_kept()
    {
        var (run, root) = await server.CreateRunAsync();
        await PutAsync(root, "x%20y.txt", "0123456789");
        var target = $"/get-artifact?run_id={run}&path=x%20y.txt";

        var whole = await server.SendRawAsync("GET", target);
        var (tag, modified) = (whole.Header("etag")!, whole.Header("last-modified")!);

        Assert.Equal((200, "0123456789", "10"), (whole.Status, whole.Text(), whole.Header("content-length")));
        Assert.Equal(
            ("bytes", "no-cache", "attachment; filename=\"x y.txt\"", "text/plain", "nosniff"),
            (whole.Header("accept-ranges"), whole.Header("cache-control"), whole.Header("content-disposition"), whole.Header("content-type"), whole.Header("x-content-type-options")));
        await AssertAsync(target, 206, "234", "bytes 2-4/10", ("range", "bytes=2-4"));
        await AssertAsync(target, 206, "89", "bytes 8-9/10", ("range", "bytes=-2"));
        await AssertAsync(target, 416, "", "bytes */10", ("range", "bytes=10-"));
        await AssertAsync(target, 200, "0123456789", null, ("range", "bytes=0-1,3-4"));
        await AssertAsync(target, 206, "0", "bytes 0-0/10", ("range", "bytes=0-0"), ("if-range", tag));
        await AssertAsync(target, 206, "0", "bytes 0-0/10", ("range", "bytes=0-0"), ("if-range", modified));
        await AssertAsync(target, 200, "0123456789", null, ("range", "bytes=0-0"), ("if-range", "\"other\""));
        await AssertAsync(target, 304, "", null, ("if-none-match", tag));
        await AssertAsync(target, 304, "", null, ("if-none-match", "*"));
        await AssertAsync(target, 304, "", null, ("if-modified-since", modified));
        await AssertAsync(target, 200, "0123456789", null, ("if-none-match", "\"other\""), ("if-modified-since", modified));
    }

    [Theory]
    [InlineData("run_id={0}", 400)]
    [InlineData("run_id={0}&path=none", 404)]
    [InlineData("run_id={0}&path=d", 400)]
    [InlineData("path=x.txt", 404)]
    [InlineData("run_id=nope&path=x", 404)]
    public async Task What_cannot_be_downloaded_is_said(string query, int status)
    {
        var (run, root) = await server.CreateRunAsync();
        await PutAsync(root, "d/x.txt", "x");

        Assert.Equal(status, (await server.GetAsync($"/get-artifact?{string.Format(CultureInfo.InvariantCulture, query, run)}")).Status);
    }

    [Fact]
    public async Task The_browser_uploads_up_to_ten_mebibytes()
    {
        var (run, root) = await server.CreateRunAsync();
        var target = $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=up/x.txt";

        var answer = await server.SendRawAsync("POST", target, "from the browser");

        Assert.Equal((200, "", "application/json"), (answer.Status, answer.Text(), answer.Header("content-type")));
        Assert.Equal("from the browser", (await server.SendRawAsync("GET", $"/get-artifact?run_id={run}&path=up/x.txt")).Text());
        Assert.Equal("Request must specify data.", (await server.SendAsync(HttpMethod.Post, target)).Message);
        Assert.Equal("Request must specify path.", (await server.SendAsync(HttpMethod.Post, $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}")).Message);
        Assert.Equal("Request must specify run_uuid.", (await server.SendAsync(HttpMethod.Post, "/ajax-api/2.0/mlflow/upload-artifact?path=x")).Message);
        var tooBig = await server.SendRawAsync("POST", target, new string('x', (10 << 20) + 1));
        Assert.Contains("Artifact size is too large. Max size is 10MB.", tooBig.Text(), StringComparison.Ordinal);
        Assert.Equal(400, await PostChunkedAsync(target, (10 << 20) + 1));
        Assert.Equal("from the browser", (await server.SendRawAsync("GET", $"/get-artifact?run_id={run}&path=up/x.txt")).Text());
        Assert.Equal(200, await PostChunkedAsync(target, 10 << 20));
        Assert.Equal(["x.txt"], await server.ListAsync($"{root["mlflow-artifacts:/".Length..]}/up"));
    }

    [Fact]
    public async Task Presigned_uploads_are_refused()
    {
        var (run, _) = await server.CreateRunAsync();

        var answer = await server.PostAsync("artifacts/presigned-upload-url", new { run_id = run, path = "a" });
        var climbing = await server.PostAsync("artifacts/presigned-upload-url", new { run_id = run, path = "../a" });

        Assert.StartsWith("Presigned upload is not supported for runs with proxied artifact storage (artifact URI scheme: mlflow-artifacts).", answer.Message, StringComparison.Ordinal);
        Assert.Equal("Invalid path", climbing.Message);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("file://{0}")]
    public async Task A_run_with_its_own_local_folder_is_served_from_there(string location)
    {
        var folder = Path.Combine(server.Home, $"own-{Guid.NewGuid():n}");
        var (run, root) = await server.CreateRunAsync(string.Format(CultureInfo.InvariantCulture, location, folder));

        await server.SendRawAsync("POST", $"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=d/x.txt", "local");
        var list = await server.GetAsync($"artifacts/list?run_id={run}&path=d");
        var presigned = await server.PostAsync("artifacts/presigned-upload-url", new { run_id = run, path = "a" });

        Assert.Equal("local", await File.ReadAllTextAsync(Path.Combine(folder, run, "artifacts", "d", "x.txt")));
        Assert.Equal(["d"], Directory.EnumerateFileSystemEntries(Path.Combine(folder, run, "artifacts")).Select(Path.GetFileName));
        Assert.Equal($$"""{"root_uri":"{{root}}","files":[{"path":"d/x.txt","is_dir":false,"file_size":5}]}""", list.Text);
        Assert.Equal("local", (await server.SendRawAsync("GET", $"/get-artifact?run_id={run}&path=d/x.txt")).Text());
        Assert.Equal((501, "Presigned upload is not supported for the current artifact repository"), (presigned.Status, presigned.Message));
    }

    [Theory]
    [InlineData("hdfs://bucket/x", 501)]
    [InlineData("dbfs:/bucket/x", 501)]
    [InlineData("https://elsewhere/x", 501)]
    [InlineData("file://elsewhere/x", 501)]
    [InlineData("file:///etc#/run/artifacts", 501)]
    [InlineData("mlflow-artifacts:/0?/run/artifacts", 501)]
    [InlineData("mlflow-artifacts:/../../etc", 400)]
    [InlineData("mlflow-artifacts:/%2e%2e/x", 400)]
    public async Task A_location_out_of_reach_is_named(string location, int status)
    {
        var (run, _) = await server.CreateRunAsync();
        await server.ExecuteAsync($"UPDATE runs SET artifact_uri = '{location}' WHERE run_uuid = '{run}'");

        foreach (var target in new[] { $"/api/2.0/mlflow/artifacts/list?run_id={run}", $"/get-artifact?run_id={run}&path=x" })
            Assert.Equal(status, (await server.GetAsync(target)).Status);
    }

    [Fact]
    public async Task A_location_given_as_the_address_of_this_proxy_is_the_proxy()
    {
        var (run, _) = await server.CreateRunAsync();
        await server.ExecuteAsync(
            $"UPDATE runs SET artifact_uri = 'http://host:5000/api/2.0/mlflow-artifacts/artifacts/http/{run}' WHERE run_uuid = '{run}'");
        await server.PutAsync($"http/{run}/x.txt", "x");

        Assert.Equal("x", (await server.SendRawAsync("GET", $"/get-artifact?run_id={run}&path=x.txt")).Text());
    }

    [Fact]
    public async Task A_model_version_is_read_from_where_its_files_are()
    {
        var (_, root) = await server.CreateRunAsync();
        await PutAsync(root, "model/MLmodel", "flavors: {}");
        await server.PostAsync("registered-models/create", new { name = "m" });
        await server.ExecuteAsync(
            $"""
            INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, storage_location, status, workspace)
            VALUES ('m', 1, 1, 1, 'None', 'models:/x', '{root}/model', 'READY', 'default')
            """);

        var file = await server.SendRawAsync("GET", "/model-versions/get-artifact?name=m&version=1&path=MLmodel", null, ("range", "bytes=0-6"));

        Assert.Equal((206, "flavors", "text/plain"), (file.Status, file.Text(), file.Header("content-type")));
        Assert.Equal(404, (await server.GetAsync("/model-versions/get-artifact?name=m&version=1&path=none")).Status);
        Assert.Equal("Model Version (name=m, version=2) not found", (await server.GetAsync("/model-versions/get-artifact?name=m&version=2&path=x")).Message);
        Assert.Equal("Model Version (name=m, version=x) not found", (await server.GetAsync("/model-versions/get-artifact?name=m&version=x&path=x")).Message);
    }

    [Fact]
    public async Task A_model_version_whose_source_names_a_run_is_read_from_the_run()
    {
        var (run, root) = await server.CreateRunAsync();
        await PutAsync(root, "model/MLmodel", "flavors: {}");
        await server.PostAsync("registered-models/create", new { name = "of-run" });
        await server.ExecuteAsync(
            $"""
            INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, status, workspace)
            VALUES ('of-run', 1, 1, 1, 'None', 'runs:/{run}/model', 'READY', 'default')
            """);

        Assert.Equal("flavors: {}", (await server.SendRawAsync("GET", "/model-versions/get-artifact?name=of-run&version=1&path=MLmodel")).Text());
    }

    [Fact]
    public async Task A_logged_model_is_listed_and_read()
    {
        var (_, root) = await server.CreateRunAsync();
        await PutAsync(root, "models/m-1/artifacts/d/MLmodel", "x");
        await server.ExecuteAsync(
            $"""
            INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage)
            VALUES ('m-1', 0, 'm', '{root}/models/m-1/artifacts', 1, 1, 2, 'active')
            """);
        const string model = "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts";

        Assert.Equal("x", (await server.SendRawAsync("GET", $"{model}/files?artifact_file_path=d/MLmodel")).Text());
        Assert.Equal(
            $$"""{"root_uri":"{{root}}/models/m-1/artifacts","files":[{"path":"d/MLmodel","is_dir":false,"file_size":1}]}""",
            (await server.GetAsync($"{model}/directories?artifact_directory_path=d")).Text);
        Assert.Equal("Request must include the \"artifact_file_path\" query parameter.", (await server.GetAsync($"{model}/files")).Message);
        Assert.Equal(404, (await server.GetAsync("/ajax-api/2.0/mlflow/logged-models/m-2/artifacts/directories")).Status);
    }

    private async Task AssertAsync(string target, int status, string body, string? contentRange, params (string Name, string Value)[] headers)
    {
        var answer = await server.SendRawAsync("GET", target, null, headers);
        Assert.Equal((status, body, contentRange), (answer.Status, answer.Text(), answer.Header("content-range")));
    }

    private async Task<int> PostChunkedAsync(string target, int size)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StreamContent(new MemoryStream(new byte[size])) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await server.Client.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private Task<WireResponse> PutAsync(string root, string path, string content) =>
        server.PutAsync($"{root["mlflow-artifacts:/".Length..]}/{path}", content);
}

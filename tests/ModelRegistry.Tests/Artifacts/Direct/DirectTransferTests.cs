using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Artifacts.S3;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Direct;

/// <summary>Files that clients move past a server whose artifacts are in S3.</summary>
[NeedsStores]
[Trait("Database", "SQLite")]
public sealed class DirectTransferTests : IAsyncLifetime
{
    private const string Mpu = "/api/2.0/mlflow-artifacts/mpu";
    private const string Presigned = "/api/2.0/mlflow-artifacts/presigned";
    private const string Files = "/api/2.0/mlflow-artifacts/artifacts";
    private const int PartSize = 5 << 20;

    private static readonly HttpClient Client = new();

    private S3Place place = null!;

    public async Task InitializeAsync() => place = await S3Place.CreateAsync();

    public Task DisposeAsync()
    {
        place.Dispose();
        return Task.CompletedTask;
    }

    [StoreFact]
    public async Task What_the_start_has_proved_is_offered_and_the_trial_leaves_nothing()
    {
        await using var server = await StartAsync();

        var info = await GetAsync(server, "/api/3.0/mlflow/server-info");

        Assert.Equal((true, true), ((bool?)info.Json["multipart_uploads_enabled"], (bool?)info.Json["multipart_downloads_enabled"]));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(place.Peer.Folder, place.Bucket), "*_object", SearchOption.AllDirectories));
    }

    [StoreFact]
    public async Task Switched_off_nothing_is_offered_and_clients_are_sent_to_the_proxy()
    {
        await using var server = await StartAsync("--direct-transfers", "off");

        var info = await GetAsync(server, "/api/3.0/mlflow/server-info");
        var created = await PostAsync(server, $"{Mpu}/create/a", new { path = "x", num_parts = 1 });
        var signed = await GetAsync(server, $"{Presigned}/a/x");

        Assert.Equal("""{"store_type":"SqlStore","workspaces_enabled":false}""", info.Text);
        Assert.Equal((501, "Multipart upload is not supported for the current artifact repository"), (created.Status, created.Message));
        Assert.Equal((501, "Multipart download is not supported for the current artifact repository"), (signed.Status, signed.Message));
    }

    [StoreTheory]
    [InlineData("/home/me/model.bin", "model.bin")]
    [InlineData("model b+c.bin", "model b+c.bin")]
    [InlineData(@"C:\data\model.bin", "model.bin")]
    public async Task A_file_sent_in_parts_appears_when_it_is_completed(string localPath, string name)
    {
        await using var server = await StartAsync();
        byte[][] parts = [new byte[PartSize], [1, 2, 3]];

        var created = (await PostAsync(server, $"{Mpu}/create/0/run/artifacts", new { path = localPath, num_parts = 2 })).Json;
        Assert.Equal([1, 2], created["credentials"]!.AsArray().Select(part => (int)part!["part_number"]!));
        var sent = new List<object>();
        foreach (var (part, content) in created["credentials"]!.AsArray().Zip(parts))
        {
            using var body = new ByteArrayContent(content);
            using var answer = await Client.PutAsync(new Uri((string)part!["url"]!), body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            sent.Add(new { part_number = (int)part["part_number"]!, etag = answer.Headers.ETag!.ToString(), url = (string)part["url"]! });
        }

        Assert.Equal(404, (await GetAsync(server, $"{Files}/0/run/artifacts/{Uri.EscapeDataString(name)}")).Status);
        var completed = await PostAsync(server, $"{Mpu}/complete/0/run/artifacts", new { path = localPath, upload_id = (string)created["upload_id"]!, parts = sent });
        var signed = (await GetAsync(server, $"{Presigned}/0/run/artifacts/{Uri.EscapeDataString(name)}")).Json;

        Assert.Equal((200, "{}"), (completed.Status, completed.Text));
        Assert.Equal(PartSize + 3, (int)signed["file_size"]!);
        var read = await Client.GetByteArrayAsync(new Uri((string)signed["url"]!));
        Assert.True(read.SequenceEqual(parts.SelectMany(part => part)));
    }

    [StoreFact]
    public async Task An_aborted_upload_leaves_nothing()
    {
        await using var server = await StartAsync();
        var created = (await PostAsync(server, $"{Mpu}/create/a", new { path = "x", num_parts = 1 })).Json;

        var aborted = await PostAsync(server, $"{Mpu}/abort/a", new { path = "x", upload_id = (string)created["upload_id"]! });

        Assert.Equal((200, "{}"), (aborted.Status, aborted.Text));
        Assert.Equal(0, await place.CountUnfinishedAsync());
    }

    [StoreTheory]
    [InlineData("create", """{"path": "x", "num_parts": 0}""", "num_parts must be between 1 and 10000, not 0.")]
    [InlineData("create", """{"path": "x", "num_parts": 10001}""", "num_parts must be between 1 and 10000, not 10001.")]
    [InlineData("create", """{"path": "folder/"}""", "Invalid path")]
    [InlineData("create", """{"path": ".."}""", "Invalid path")]
    [InlineData("create", """{"path": "a/..%2fx"}""", "Invalid path")]
    [InlineData("complete", """{"path": "x", "upload_id": "u", "parts": []}""", "parts")]
    [InlineData("complete", """{"path": "x", "upload_id": "u", "parts": [{"part_number": 0, "etag": "e"}]}""", "part_number must be between 1 and 10000.")]
    public async Task Bad_input_is_refused(string call, string body, string message)
    {
        await using var server = await StartAsync();

        var answer = await PostAsync(server, $"{Mpu}/{call}/a", JsonNode.Parse(body)!);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task A_run_whose_artifacts_are_in_the_bucket_gets_addresses_of_its_own()
    {
        await using var server = await StartAsync("--default-artifact-root", $"s3://{place.Bucket}/direct");
        var run = await PostAsync(server, "/api/2.0/mlflow/runs/create", new { experiment_id = "0" });
        var id = (string)run.Json["run"]!["info"]!["run_id"]!;

        var upload = (await PostAsync(server, "/api/2.0/mlflow/artifacts/presigned-upload-url", new { run_id = id, path = "m/x.txt" })).Json;
        using var content = new ByteArrayContent("hello"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Put, (string)upload["presigned_url"]!) { Content = content };
        foreach (var (name, value) in upload["headers"]!.AsObject())
        {
            if (!request.Headers.TryAddWithoutValidation(name, (string)value!))
                content.Headers.TryAddWithoutValidation(name, (string)value!);
        }

        using var sent = await Client.SendAsync(request);
        var download = await PostAsync(server, "/api/2.0/mlflow/artifacts/presigned-download-url", new { run_id = id, path = "m/x.txt" });

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.Equal("hello", await Client.GetStringAsync(new Uri((string)download.Json["presigned_url"]!)));
        Assert.Equal(5, (int)download.Json["file_size"]!);
        var missing = await PostAsync(server, "/api/2.0/mlflow/artifacts/presigned-download-url", new { run_id = id, path = "m/none" });
        var forever = await PostAsync(server, "/api/2.0/mlflow/artifacts/presigned-download-url", new { run_id = id, path = "m/x.txt", expiration = 604_801 });
        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), (missing.Status, missing.ErrorCode));
        Assert.Equal((400, "expiration must be between 1 and 604800 seconds, not 604801."), (forever.Status, forever.Message));
    }

    [StoreFact]
    public async Task A_workspace_reaches_its_own_files_and_no_others()
    {
        await using var server = await StartAsync("--enable-workspaces");
        await PostAsync(server, "/api/3.0/mlflow/workspaces", new { name = "team" });

        var foreign = await SendAsync(server, HttpMethod.Post, $"{Mpu}/create/workspaces/default/x", new { path = "f", num_parts = 1 }, "team");
        var own = await SendAsync(server, HttpMethod.Post, $"{Mpu}/create/x", new { path = "f", num_parts = 1 }, "team");
        var signed = await SendAsync(server, HttpMethod.Get, $"{Presigned}/workspaces/default/x/f", null, "team");

        Assert.Equal(400, foreign.Status);
        Assert.Contains($"/{place.Bucket}/arts/workspaces/team/x/f?", (string)own.Json["credentials"]![0]!["url"]!, StringComparison.Ordinal);
        Assert.Equal(400, signed.Status);
    }

    [StoreFact]
    public async Task A_bucket_that_is_not_there_ends_the_start_with_one_sentence()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(Options($"s3://no-such-bucket-{Guid.NewGuid():n}/x")));

        Assert.Contains("error: the artifact store cannot be used:", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
    }

    private Task<ServerProcess> StartAsync(params string[] arguments) => ServerProcess.StartAsync(Options($"s3://{place.Bucket}/arts", arguments));

    private ServerProcessOptions Options(string destination, params string[] arguments) =>
        new() { ArtifactsDestination = destination, Environment = place.Environment, Arguments = arguments };

    private Task<Answer> GetAsync(ServerProcess server, string path) => SendAsync(server, HttpMethod.Get, path, null, null);

    private Task<Answer> PostAsync(ServerProcess server, string path, object body) => SendAsync(server, HttpMethod.Post, path, body, null);

    private async Task<Answer> SendAsync(ServerProcess server, HttpMethod method, string path, object? body, string? workspace)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Url, path));
        if (body is not null)
            request.Content = JsonContent.Create(body, body.GetType());
        if (workspace is not null)
            request.Headers.Add("X-MLFLOW-WORKSPACE", workspace);
        using var answer = await Client.SendAsync(request);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

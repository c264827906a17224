using System.Net;
using System.Text;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Artifacts;

public sealed class ArtifactProxyTests(ArtifactServer server) : IClassFixture<ArtifactServer>
{
    [Theory]
    [InlineData("plain.txt", "plain.txt", "plain.txt")]
    [InlineData("with%20space.txt", "with space.txt", "with space.txt")]
    [InlineData("%C3%BCn%C3%AF%20%E6%97%A5.txt", "ünï 日.txt", "_n_ _.txt")]
    [InlineData("100%25.txt", "100%.txt", "100%.txt")]
    [InlineData("a+b", "a+b", "a+b")]
    [InlineData("a%2Bb", "a+b", "a+b")]
    [InlineData("q%3Fx", "q?x", "q?x")]
    [InlineData("back%5cslash", "back\\slash", "back\\slash")]
    [InlineData("..%5cx", "..\\x", "..\\x")]
    [InlineData("line%0afeed", "line%0afeed", "line%0afeed")]
    [InlineData(".dot", ".dot", ".dot")]
    public async Task Any_name_is_kept(string raw, string name, string sentName)
    {
        var folder = $"names-{Guid.NewGuid():n}";

        Assert.Equal(200, (await server.PutAsync($"{folder}/{raw}", "content")).Status);
        var download = await server.DownloadAsync($"{folder}/{raw}");

        Assert.Equal((200, "content"), (download.Status, download.Text()));
        Assert.StartsWith($"attachment; filename={(name == sentName ? sentName : $"\"{sentName}\"")}", download.Header("content-disposition"), StringComparison.Ordinal);
        Assert.Equal([name], await server.ListAsync(folder));
        Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(server.ArtifactsFolder, folder, name)));
    }

    [Fact]
    public async Task Uploads_of_one_name_at_the_same_time_are_all_accepted_and_one_is_kept_whole()
    {
        var folder = $"same-{Guid.NewGuid():n}";
        var contents = Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), 200_000)).ToList();

        var statuses = await Task.WhenAll(contents.Select(async content =>
        {
            var answers = new HashSet<int>();
            for (var i = 0; i < 10; i++)
                answers.Add((await server.PutAsync($"{folder}/x.txt", content)).Status);
            return answers;
        }));

        Assert.Equal([200], statuses.SelectMany(each => each).Distinct());
        Assert.Contains((await server.DownloadAsync($"{folder}/x.txt")).Text(), contents);
        Assert.Equal(["x.txt"], await server.ListAsync(folder));
    }

    [Fact]
    public async Task An_encoded_slash_separates_folders()
    {
        await server.PutAsync("enc%2fd%252fx.txt", "x");

        Assert.Equal(["x.txt"], await server.ListAsync("enc/d"));
        Assert.Equal("x", (await server.DownloadAsync("enc/d%2Fx.txt")).Text());
    }

    [Theory]
    [MemberData(nameof(ArtifactCases.Refused), MemberType = typeof(ArtifactCases))]
    public async Task A_path_that_might_lead_out_is_refused_by_every_call(string raw)
    {
        var before = Directory.EnumerateFileSystemEntries(server.Home, "*", SearchOption.AllDirectories).Count();
        string[] targets =
        [
            $"GET {ArtifactServer.Proxy}/{raw}",
            $"PUT {ArtifactServer.Proxy}/{raw}",
            $"DELETE {ArtifactServer.Proxy}/{raw}",
            $"GET {ArtifactServer.Proxy}?path={Uri.EscapeDataString(raw)}",
            $"GET /ajax-api/2.0/mlflow-artifacts/presigned/{raw}",
            $"POST /api/2.0/mlflow-artifacts/mpu/create/{raw}",
            $"POST /api/2.0/mlflow-artifacts/mpu/complete/{raw}",
            $"POST /api/2.0/mlflow-artifacts/mpu/abort/{raw}",
            $"GET /get-artifact?run_id=x&path={Uri.EscapeDataString(raw)}",
            $"GET /api/2.0/mlflow/artifacts/list?run_id=x&path={Uri.EscapeDataString(raw)}",
            $"POST /ajax-api/2.0/mlflow/upload-artifact?run_uuid=x&path={Uri.EscapeDataString(raw)}",
            $"GET /model-versions/get-artifact?name=m&version=1&path={Uri.EscapeDataString(raw)}",
            $"GET /ajax-api/2.0/mlflow/logged-models/m/artifacts/files?artifact_file_path={Uri.EscapeDataString(raw)}",
            $"GET /ajax-api/2.0/mlflow/logged-models/m/artifacts/directories?artifact_directory_path={Uri.EscapeDataString(raw)}",
        ];

        foreach (var call in targets.Select(target => target.Split(' ', 2)))
        {
            var answer = await server.SendRawAsync(call[0], call[1], call[0] == "GET" ? null : "evil");
            Assert.True(answer.Status == 400, $"{call[0]} {call[1]} answers {answer.Status}: {answer.Text()}");
            // The web server itself refuses NUL in a request line, without words.
            if (!(raw.Contains("%00", StringComparison.Ordinal) && !call[1].Contains('?', StringComparison.Ordinal)))
                Assert.Contains("\"Invalid path\"", answer.Text(), StringComparison.Ordinal);
        }

        Assert.Equal(before, Directory.EnumerateFileSystemEntries(server.Home, "*", SearchOption.AllDirectories).Count());
    }

    [Fact]
    public async Task A_link_out_of_the_artifact_folder_is_refused_by_every_call()
    {
        var outside = Directory.CreateDirectory(Path.Combine(server.Home, "outside"));
        await File.WriteAllTextAsync(Path.Combine(outside.FullName, "secret"), "secret");
        Directory.CreateDirectory(Path.Combine(server.ArtifactsFolder, "linked"));
        Directory.CreateSymbolicLink(Path.Combine(server.ArtifactsFolder, "linked", "out"), outside.FullName);

        foreach (var (method, target) in new[]
        {
            ("GET", $"{ArtifactServer.Proxy}/linked/out/secret"), ("PUT", $"{ArtifactServer.Proxy}/linked/out/secret"),
            ("DELETE", $"{ArtifactServer.Proxy}/linked/out/secret"), ("DELETE", $"{ArtifactServer.Proxy}/linked/out"),
            ("GET", $"{ArtifactServer.Proxy}?path=linked/out"),
        })
        {
            var answer = await server.SendRawAsync(method, target, method == "PUT" ? "evil" : null);
            Assert.Equal(400, answer.Status);
            Assert.Contains("Invalid path: resolved path is outside the artifact directory", answer.Text(), StringComparison.Ordinal);
        }

        Assert.Empty(await server.ListAsync("linked"));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside.FullName, "secret")));
    }

    [Fact]
    public async Task A_listing_is_sorted_and_leaves_out_sizes_of_folders_and_empty_files()
    {
        foreach (var name in new[] { "b.txt", "C.txt", "a.txt", "d/x.txt" })
            await server.PutAsync($"list/{name}", "12345");
        await server.PutAsync("list/empty", "");
        Directory.CreateDirectory(Path.Combine(server.ArtifactsFolder, "list", "nothing"));

        var answer = await server.GetAsync($"{ArtifactServer.Proxy}?path=list");

        Assert.Equal(
            """{"files":[{"path":"C.txt","is_dir":false,"file_size":5},{"path":"a.txt","is_dir":false,"file_size":5},{"path":"b.txt","is_dir":false,"file_size":5},{"path":"d","is_dir":true},{"path":"empty","is_dir":false},{"path":"nothing","is_dir":true}]}""",
            answer.Text);
        foreach (var folder in new[] { "list/nothing", "list/a.txt", "list/none" })
            Assert.Equal("{}", (await server.GetAsync($"{ArtifactServer.Proxy}?path={folder}")).Text);
    }

    [Fact]
    public async Task A_download_says_what_it_is_and_how_long()
    {
        await server.PutAsync("head/x.html", "<p>");

        var whole = await server.DownloadAsync("head/x.html", ("range", "bytes=0-0"));
        var head = await server.SendRawAsync("HEAD", $"{ArtifactServer.Proxy}/head/x.html");

        Assert.Equal((200, "<p>"), (whole.Status, whole.Text()));
        foreach (var answer in new[] { whole, head })
        {
            Assert.Equal(
                ("text/html", "attachment; filename=x.html", "nosniff", "3"),
                (answer.Header("content-type"), answer.Header("content-disposition"), answer.Header("x-content-type-options"), answer.Header("content-length")));
        }
    }

    [Fact]
    public async Task What_is_not_there_or_is_a_folder_cannot_be_downloaded()
    {
        await server.PutAsync("d/x.txt", "x");

        var missing = await server.GetAsync($"{ArtifactServer.Proxy}/d/none");
        var folder = await server.GetAsync($"{ArtifactServer.Proxy}/d");

        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST", "No such artifact: 'd/none'"), (missing.Status, missing.ErrorCode, missing.Message));
        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (folder.Status, folder.ErrorCode));
    }

    [Fact]
    public async Task A_second_upload_replaces_the_first()
    {
        await server.PutAsync("twice.txt", "first, longer");
        await server.PutAsync("twice.txt", "second");

        Assert.Equal("second", (await server.DownloadAsync("twice.txt")).Text());
    }

    [Fact]
    public async Task An_upload_of_unknown_length_is_taken()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{ArtifactServer.Proxy}/chunked.bin");
        request.Content = new StreamContent(new MemoryStream(new byte[300_000]));
        request.Headers.TransferEncodingChunked = true;
        using var answer = await server.Client.SendAsync(request);

        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        Assert.Equal(300_000, (await server.DownloadAsync("chunked.bin")).Body.Length);
    }

    [Fact]
    public async Task Concurrent_uploads_to_one_path_leave_one_of_them_whole()
    {
        var contents = Enumerable.Range(0, 8).Select(i => new string((char)('a' + i), 200_000)).ToList();

        var answers = await Task.WhenAll(contents.Select(content => server.PutAsync("race/x", content)));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Contains((await server.DownloadAsync("race/x")).Text(), contents);
        Assert.Equal(["x"], await server.ListAsync("race"));
    }

    [Fact]
    public async Task Deleting_takes_files_and_whole_folders_and_may_be_repeated()
    {
        foreach (var path in new[] { "del/a", "del/d/b", "del/d/e/c" })
            await server.PutAsync(path, "x");

        foreach (var path in new[] { "del/a", "del/a", "del/d/", "del/none/deeper" })
            Assert.Equal("{}", (await server.SendRawAsync("DELETE", $"{ArtifactServer.Proxy}/{path}")).Text());

        Assert.Empty(await server.ListAsync("del"));
        Assert.Equal(400, (await server.SendRawAsync("DELETE", $"{ArtifactServer.Proxy}/.")).Status);
        Assert.Contains("del", await server.ListAsync(""));
    }

    [Fact]
    public async Task A_download_goes_on_when_the_file_is_deleted()
    {
        var content = new string('x', 8 << 20);
        await server.PutAsync("gone/big.txt", content);
        using var answer = await server.Client.GetAsync($"{ArtifactServer.Proxy}/gone/big.txt", HttpCompletionOption.ResponseHeadersRead);

        await server.SendRawAsync("DELETE", $"{ArtifactServer.Proxy}/gone");

        Assert.Equal(content, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("create", """{"num_parts": 2}""", 400, "Missing value for required parameter 'path'")]
    [InlineData("create", """{"path": "y", "num_parts": 2}""", 501, "Multipart upload is not supported for the current artifact repository")]
    [InlineData("complete", """{"path": "y", "upload_id": "u"}""", 400, "Missing value for required parameter 'parts'")]
    [InlineData("complete", """{"path": "y", "parts": [{"part_number": 1, "etag": "e"}]}""", 501, "Multipart upload is not supported")]
    [InlineData("abort", """{"path": "y", "upload_id": "u"}""", 501, "Multipart upload is not supported")]
    public async Task Multipart_uploads_are_refused_after_their_checks(string call, string body, int status, string message)
    {
        var answer = await server.SendRawAsync("POST", $"/api/2.0/mlflow-artifacts/mpu/{call}/x/y", body, ("content-type", "application/json"));

        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Presigned_downloads_are_refused()
    {
        var answer = await server.GetAsync("/api/2.0/mlflow-artifacts/presigned/x/y");

        Assert.Equal(
            (501, "NOT_IMPLEMENTED", "Multipart download is not supported for the current artifact repository"),
            (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            var head = $"PUT {ArtifactServer.Proxy}/broken/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + new string('x', 100_000)));
            await Wait.UntilAsync(() => Partials().Length == 1, () => "No upload was begun.");
        }

        await Wait.UntilAsync(() => Partials().Length == 0, () => "It is not cleared up.");
        Assert.Empty(await server.ListAsync("broken"));
        Assert.False(Directory.Exists(Path.Combine(server.ArtifactsFolder, "broken")));
    }

    private string[] Partials() => Directory.GetFiles(server.ArtifactsFolder, "*.partial", SearchOption.AllDirectories);
}

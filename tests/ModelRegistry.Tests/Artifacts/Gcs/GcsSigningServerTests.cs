using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ModelRegistry.GcsServer;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>The whole server with credentials that cannot sign by themselves: IAM does.</summary>
[Trait("Database", "SQLite")]
public sealed class GcsSigningServerTests : GcsTests
{
    private const int PartSize = 5 << 20;


    [Fact]
    public async Task Files_move_past_the_server_by_addresses_that_iam_has_signed()
    {
        await using var server = await StartAsync();
        Assert.Equal((true, true), await OfferedAsync(server));
        var before = Accounts.Signatures;

        var created = await PostAsync(server, $"{DirectPaths.Mpu}/create/d", new { path = "big.bin", num_parts = 2 });
        Assert.Equal(2, Accounts.Signatures - before);
        var parts = new List<object>();
        foreach (var part in created["credentials"]!.AsArray())
        {
            using var content = new ByteArrayContent(new byte[PartSize]);
            using var sent = await server.Client.PutAsync(new Uri((string)part!["url"]!), content);
            Assert.True(sent.IsSuccessStatusCode, await sent.Content.ReadAsStringAsync());
            parts.Add(new { part_number = (int)part["part_number"]!, etag = sent.Headers.ETag!.ToString(), url = (string)part["url"]! });
        }

        await PostAsync(server, $"{DirectPaths.Mpu}/complete/d", new { path = "big.bin", upload_id = (string)created["upload_id"]!, parts });
        var signed = JsonNode.Parse((await server.GetAsync($"{DirectPaths.Presigned}/d/big.bin")).Text)!;
        var read = await server.Client.GetByteArrayAsync(new Uri((string)signed["url"]!));

        Assert.Equal((2 * PartSize, 2 * PartSize), ((int)signed["file_size"]!, read.Length));
        Assert.Equal(3, Accounts.Signatures - before);
        Assert.All(
            Gcs.Server.Log.Where(request => request.Path.EndsWith(":signBlob", StringComparison.Ordinal)),
            request => Assert.Contains(GcsAccounts.Email, Uri.UnescapeDataString(request.Path), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_iam_does_not_sign_is_not_offered_and_the_proxy_serves()
    {
        Accounts.Denied["iam.serviceAccounts.signBlob"] = true;
        await using var server = await StartAsync();
        using var content = new StringContent("hello");

        using var put = await server.Client.PutAsync($"{ArtifactServer.Proxy}/x", content);

        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal((false, false), await OfferedAsync(server));
        Assert.Equal("hello", (await server.GetAsync($"{ArtifactServer.Proxy}/x")).Text);
        Assert.Equal(501, (await server.GetAsync($"{DirectPaths.Presigned}/x")).Status);
    }

    private async Task<StartedServer> StartAsync()
    {
        var (subject, credentials) = (Path.Combine(Gcs.Home, "token"), Path.Combine(Gcs.Home, "federation.json"));
        await File.WriteAllTextAsync(subject, GcsAccounts.SubjectToken);
        await File.WriteAllTextAsync(credentials, Accounts.FederationFile(subject));
        return await StartedServer.StartAsync(options => options with
        {
            ArtifactsDestination = $"gs://{Bucket.Name}/a", Gcs = Gcs.Options with { CredentialsFile = credentials },
        });
    }

    private static async Task<(bool? Uploads, bool? Downloads)> OfferedAsync(StartedServer server)
    {
        var info = JsonNode.Parse((await server.GetAsync("/api/3.0/mlflow/server-info")).Text)!;
        return ((bool?)info["multipart_uploads_enabled"] ?? false, (bool?)info["multipart_downloads_enabled"] ?? false);
    }

    private static async Task<JsonNode> PostAsync(StartedServer server, string path, object body)
    {
        using var answer = await server.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}

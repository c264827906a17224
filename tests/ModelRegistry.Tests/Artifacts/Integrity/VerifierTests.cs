using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Integrity;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Integrity;

/// <summary>What the verifier finds, and what clients then see of a version.</summary>
public sealed class VerifierTests : IAsyncLifetime
{
    private static readonly (string Path, string Content)[] Files =
        [("MLmodel", "flavors"), ("model.pkl", "0123456789"), ("data/a%20b.txt", "text"), ("empty", "")];

    private IntegrityServer server = null!;

    public async Task InitializeAsync()
    {
        server = await IntegrityServer.StartAsync();
        await server.CreateVersionAsync(Files);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_as_they_were_uploaded_are_ok(bool deep) =>
        Assert.Equal(new Shown("READY", null, "ok", "4 files as recorded."), await server.VerifyAsync(deep));

    [Fact]
    public async Task A_version_that_was_never_verified_says_nothing() =>
        Assert.Equal(new Shown("READY", null, null, null), await server.ShownAsync());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_truncated_file_is_changed_until_it_is_whole_again(bool deep)
    {
        await File.WriteAllTextAsync(Disk("model.pkl"), "01234");

        var found = await server.VerifyAsync(deep);
        await File.WriteAllTextAsync(Disk("model.pkl"), "0123456789");

        const string detail = "1 of 4 files changed: model.pkl (5 bytes instead of 10).";
        Assert.Equal(new Shown("FAILED_REGISTRATION", detail, "changed", detail), found);
        Assert.Equal(new Shown("READY", null, "ok", "4 files as recorded."), await server.VerifyAsync(deep));
    }

    [Fact]
    public async Task A_removed_file_is_missing_until_it_is_back()
    {
        File.Move(Disk("data/a b.txt"), Disk("../aside"));

        var found = await server.VerifyAsync();
        File.Move(Disk("../aside"), Disk("data/a b.txt"));

        Assert.Equal(("FAILED_REGISTRATION", "missing", "1 of 4 files missing: data/a b.txt."), (found.Status, found.State, found.Detail));
        Assert.Equal(("READY", null, "ok"), ((await server.VerifyAsync()).Status, (await server.ShownAsync()).Message, (await server.ShownAsync()).State));
    }

    [Fact]
    public async Task A_flipped_bit_is_found_by_reading()
    {
        await File.WriteAllTextAsync(Disk("model.pkl"), "0123456788");

        Assert.Equal("ok", (await server.VerifyAsync()).State);
        Assert.Equal("1 of 4 files changed: model.pkl (another SHA-256).", (await server.VerifyAsync(deep: true)).Message);
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_missing_and_so_is_one_that_never_was()
    {
        Directory.Delete(server.Folder, recursive: true);
        Assert.Equal("missing", (await server.VerifyAsync()).State);

        await server.PostAsync("model-versions/create", new { name = "m", source = "mlflow-artifacts:/0/nothing" });
        await server.VerifyAsync();
        var second = await server.Server.GetAsync("/api/2.0/mlflow/model-versions/get?name=m&version=2");
        Assert.Contains("There are no files at mlflow-artifacts:/0/nothing.", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_deleted_through_the_server_is_missing_if_the_version_had_it()
    {
        await server.PutAsync("later", "x");
        await server.DeleteAsync("later");
        Assert.Equal("ok", (await server.VerifyAsync()).State);

        await server.DeleteAsync("model.pkl");

        Assert.Equal("1 of 4 files missing: model.pkl (deleted through the server).", (await server.VerifyAsync()).Detail);
    }

    [Fact]
    public async Task An_overwrite_through_the_server_is_no_damage()
    {
        await server.PutAsync("model.pkl", "another model");

        Assert.Equal("ok", (await server.VerifyAsync(deep: true)).State);
    }

    [Fact]
    public async Task A_file_without_a_record_is_unknown_until_it_was_read()
    {
        await File.WriteAllTextAsync(Disk("extra"), "put there by hand");

        var found = await server.VerifyAsync();
        var read = await server.VerifyAsync(deep: true);
        await File.WriteAllTextAsync(Disk("extra"), "PUT there by hand");

        Assert.Equal(new Shown("READY", null, "unknown", "1 of 5 files unknown: extra (not recorded)."), found);
        Assert.Equal("ok", read.State);
        Assert.Equal("changed", (await server.VerifyAsync(deep: true)).State);
    }

    [Fact]
    public async Task An_upload_whose_end_is_not_known_is_unknown_and_never_wrong()
    {
        var ledger = server.Server.App.Services.GetRequiredService<ArtifactLedger>();
        await ledger.BeginAsync(new ArtifactAddress($"mlflow-artifacts:/{server.Path}/model.pkl"), CancellationToken.None);
        await File.WriteAllTextAsync(Disk("model.pkl"), "written, and then the server was killed");

        var found = await server.VerifyAsync();
        var read = await server.VerifyAsync(deep: true);

        Assert.Equal(("READY", "unknown"), (found.Status, found.State));
        Assert.Equal(("READY", "ok"), (read.Status, read.State));
        Assert.Equal("ok", (await server.VerifyAsync()).State);
    }

    [Fact]
    public async Task A_status_of_others_is_left_alone()
    {
        File.Delete(Disk("model.pkl"));
        var stores = server.Server.App.Services.GetRequiredService<ModelRegistry.Server.Hosting.Databases>();
        await stores.Registry.WriteAsync(scope => scope.ExecuteAsync("UPDATE model_versions SET status = 'PENDING_REGISTRATION'"), CancellationToken.None);

        var found = await server.VerifyAsync();

        Assert.Equal(("PENDING_REGISTRATION", null, "missing"), (found.Status, found.Message, found.State));
    }

    [Fact]
    public async Task A_version_out_of_reach_is_unknown()
    {
        await server.PostAsync("model-versions/create", new { name = "m", source = "dbfs:/elsewhere/model" });

        await server.VerifyAsync();

        var second = await server.Server.GetAsync("/api/2.0/mlflow/model-versions/get?name=m&version=2");
        Assert.Contains("\"unknown\"", second.Text, StringComparison.Ordinal);
        Assert.Contains("\"READY\"", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_are_not_verified()
    {
        var tags = new[] { new { key = "mlflow.prompt.is_prompt", value = "true" } };
        await server.PostAsync("registered-models/create", new { name = "p", tags });
        await server.PostAsync("model-versions/create", new { name = "p", source = "prompt-template", tags });

        await server.VerifyAsync();

        Assert.DoesNotContain("modelregistry.integrity", (await server.Server.GetAsync("/api/2.0/mlflow/model-versions/get?name=p&version=1")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manifest_lists_what_is_recorded_page_by_page()
    {
        await server.VerifyAsync();

        var first = await server.ManifestAsync("&max_results=3");
        var second = await server.ManifestAsync($"&max_results=3&page_token={(string)first["next_page_token"]!}");
        var files = first["files"]!.AsArray().Concat(second["files"]!.AsArray()).Select(file => file!).ToList();

        Assert.Equal(["MLmodel", "data/a b.txt", "empty", "model.pkl"], files.Select(file => (string)file["path"]!));
        Assert.Equal("ok", (string?)first["state"]);
        Assert.Null(second["next_page_token"]);
        var model = files[^1];
        Assert.Equal(
            (10, "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", "ok"),
            ((int)model["size"]!, (string?)model["sha256"], (string?)model["state"]));
        Assert.True((long)model["recorded_time"]! > 0 && (long)model["verified_time"]! > 0);
    }

    [Theory]
    [InlineData("name=m&version=7", 404, "Model Version (name=m, version=7) not found")]
    [InlineData("name=none&version=1", 404, "Model Version (name=none, version=1) not found")]
    [InlineData("version=1", 400, "name")]
    [InlineData("name=m&version=1&max_results=-1", 400, "max_results must be between 1 and 10000.")]
    [InlineData("name=m&version=1&page_token=%25", 400, "Invalid page token.")]
    public async Task A_manifest_that_cannot_be_given_is_refused(string query, int status, string message)
    {
        var answer = await server.Server.GetAsync($"/api/2.0/modelregistry/model-versions/manifest?{query}");

        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Text, StringComparison.Ordinal);
    }

    private string Disk(string path) => Path.Combine(server.Folder, path);
}

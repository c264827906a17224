using ModelRegistry.GcsServer;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Gcs;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Artifacts.Gcs;

/// <summary>Every way to be somebody to Google, and what is said when it is not enough.</summary>
[Trait("Database", "SQLite")]
public sealed class GcsCredentialTests : GcsTests
{
    [Fact]
    public async Task A_key_signs_here_and_one_token_serves_many_requests()
    {
        var store = Gcs.Open(Bucket);

        await store.WriteAsync("x", "hello");
        await store.ReadAsync("x");

        Assert.Equal("hello", await FetchAsync(store, "x"));
        Assert.Equal(0, Accounts.Signatures);
        Assert.Single(Gcs.Server.Log, request => request.Path == "/token");
    }

    [Fact]
    public async Task Federation_and_impersonation_sign_through_iam()
    {
        var subject = Path.Combine(Gcs.Home, "token");
        await File.WriteAllTextAsync(subject, GcsAccounts.SubjectToken);
        var signatures = 0;
        foreach (var file in new[] { Accounts.FederationFile(subject), Accounts.ImpersonationFile() })
        {
            var store = Gcs.Open(Bucket, change: await WithCredentialsAsync(file));

            await store.WriteAsync("x", "hello");

            Assert.Equal("hello", await FetchAsync(store, "x"));
            Assert.Equal(++signatures, Accounts.Signatures);
        }
    }

    [Fact]
    public async Task A_token_that_has_expired_is_replaced_once()
    {
        var store = Gcs.Open(Bucket);
        await store.WriteAsync("x", "hello");
        Accounts.ExpireTokens();

        Assert.Equal("hello", await store.ReadTextAsync("x"));
        Assert.Equal(2, Gcs.Server.Log.Count(request => request.Path == "/token"));
    }

    [Fact]
    public async Task An_emulator_is_used_without_credentials_and_without_signatures()
    {
        Gcs.Server.IsOpen = true;
        var store = Gcs.Open(
            Bucket, change: options => options with { EmulatorHost = Gcs.Server.Url["http://".Length..], CredentialsFile = "/none", Endpoint = "http://127.0.0.1:1" });

        await store.WriteAsync("x", "hello");

        Assert.Equal("hello", await store.ReadTextAsync("x"));
        Assert.DoesNotContain(Gcs.Server.Log, request => request.Path == "/token");
        var error = await Assert.ThrowsAsync<StoreException>(() => store.SignDownloadAsync(ArtifactPath.OfKey("x"), TimeSpan.FromMinutes(1), default));
        Assert.Contains("there are no credentials", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_to_a_bucket_whose_requesters_pay_name_the_project_that_does()
    {
        var paid = Gcs.NewBucket(requesterPays: true);
        var store = Gcs.Open(paid, change: options => options with { UserProject = "payer" });

        await store.WriteAsync("x", StoreContent.Bytes(9 << 20));

        Assert.Equal(9 << 20, (await store.ReadAsync("x"))!.Length);
        Assert.Equal(["x"], await store.NamesAsync(""));
        await store.WriteAsync("y", "hello");
        Assert.Equal("hello", await FetchAsync(store, "y"));
        var error = await Assert.ThrowsAsync<StoreException>(() => Gcs.Open(paid).ReadAsync("x"));
        Assert.Equal($"Requesters pay for bucket '{paid.Name}': name the project that does with --gcs-user-project.", error.Message);
    }

    [Theory]
    [InlineData("storage.objects.get")]
    [InlineData("storage.objects.create")]
    [InlineData("storage.objects.list")]
    [InlineData("storage.objects.delete")]
    [InlineData("storage.multipartUploads.create")]
    public async Task A_permission_that_is_missing_is_named_with_the_account(string permission)
    {
        var store = Gcs.Open(Bucket);
        await store.WriteAsync("x", "hello");
        Accounts.Denied[permission] = true;

        var error = await Assert.ThrowsAsync<StoreException>(() => permission switch
        {
            "storage.objects.get" => store.ReadAsync("x"),
            "storage.objects.create" => store.WriteAsync("x", "again"),
            "storage.objects.list" => store.NamesAsync(""),
            "storage.objects.delete" => store.DeleteAsync("x"),
            _ => store.StartAsync(ArtifactPath.OfKey("x"), 1, TimeSpan.FromMinutes(1), default),
        });

        Assert.False(error.IsTemporary);
        Assert.StartsWith($"Google Cloud Storage denies access to bucket '{Bucket.Name}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"Grant {permission}", error.Message, StringComparison.Ordinal);
        Assert.EndsWith($" to {GcsAccounts.Email}.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_that_iam_denies_says_which_role_is_missing()
    {
        Accounts.Denied["iam.serviceAccounts.signBlob"] = true;
        var store = Gcs.Open(Bucket, change: await WithCredentialsAsync(Accounts.ImpersonationFile()));

        var error = await Assert.ThrowsAsync<StoreException>(() => store.SignUploadAsync(ArtifactPath.OfKey("x"), TimeSpan.FromMinutes(1), default));

        Assert.Contains("Grant iam.serviceAccounts.signBlob (role Service Account Token Creator on that account)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_that_does_not_exist_is_said_to()
    {
        var store = Gcs.Open(new GcsBucketState("no-such-bucket", requesterPays: false));

        foreach (var call in new Func<Task>[] { () => store.ReadAsync("x"), () => store.WriteAsync("x", "x"), () => store.NamesAsync("") })
        {
            var error = await Assert.ThrowsAsync<StoreException>(call);
            Assert.Equal(
                "The bucket 'no-such-bucket' of Google Cloud Storage does not exist (The specified bucket does not exist.). Create it, or correct the artifact location.",
                error.Message);
        }
    }

    [Fact]
    public async Task A_name_that_no_bucket_can_have_is_said_to_be_one()
    {
        var store = Gcs.Open(new GcsBucketState("No Such", requesterPays: false));

        foreach (var call in new Func<Task>[] { () => store.ReadAsync("x"), () => store.NamesAsync(""), () => store.DeleteAsync("x") })
        {
            var error = await Assert.ThrowsAsync<StoreException>(call);
            Assert.StartsWith("The bucket 'No Such' of Google Cloud Storage cannot exist (", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_path_of_the_endpoint_stays_before_what_is_signed()
    {
        await Gcs.Open(Bucket).WriteAsync("d/x y", "hello");
        var store = Gcs.Open(Bucket, change: options => options with { Endpoint = $"{options.Endpoint}/gateway/" });
        using var client = new HttpClient();

        var address = await store.SignDownloadAsync(ArtifactPath.OfKey("d/x y"), TimeSpan.FromMinutes(1), default);

        Assert.StartsWith($"{Gcs.Server.Url}/gateway/{Bucket.Name}/d/x%20y?", address.Url, StringComparison.Ordinal);
        Assert.Equal("hello", await client.GetStringAsync(new Uri(address.Url.Replace("/gateway/", "/", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Credentials_that_are_missing_or_refused_say_what_to_set()
    {
        foreach (var change in new[] { await WithCredentialsAsync("{}"), await WithCredentialsAsync("no json"), options => options with { CredentialsFile = "/none.json" } })
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => Gcs.Open(Bucket, change: change).ReadAsync("x"));
            Assert.StartsWith("The Google credentials in '", error.Message, StringComparison.Ordinal);
            Assert.Contains("set GOOGLE_APPLICATION_CREDENTIALS", error.Message, StringComparison.Ordinal);
        }

        Accounts.IsKeyRevoked = true;
        var refused = await Assert.ThrowsAsync<StoreException>(() => Gcs.Open(Bucket).ReadAsync("x"));
        Assert.StartsWith("Google gives no access token for the credentials of this server: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_says_where_it_should_be()
    {
        var store = Gcs.Open(Bucket, change: options => options with { Endpoint = "http://127.0.0.1:9" });

        var error = await Assert.ThrowsAsync<StoreException>(() => store.ReadAsync("x"));

        Assert.True(error.IsTemporary);
        Assert.StartsWith("Google Cloud Storage cannot be reached at http://127.0.0.1:9: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8 * 24 * 3600)]
    public async Task Google_signs_for_a_week_at_the_most(int seconds) =>
        await Assert.ThrowsAsync<Server.Errors.ApiException>(
            () => Gcs.Open(Bucket).SignDownloadAsync(ArtifactPath.OfKey("x"), TimeSpan.FromSeconds(seconds), default));

    private async Task<Func<GcsOptions, GcsOptions>> WithCredentialsAsync(string text)
    {
        var file = Path.Combine(Gcs.Home, $"{Guid.NewGuid():n}.json");
        await File.WriteAllTextAsync(file, text);
        return options => options with { CredentialsFile = file };
    }

    private static async Task<string> FetchAsync(GcsBlobStore store, string path)
    {
        using var client = new HttpClient();
        var address = await store.SignDownloadAsync(ArtifactPath.OfKey(path), TimeSpan.FromMinutes(1), default);
        return await client.GetStringAsync(new Uri(address.Url));
    }
}

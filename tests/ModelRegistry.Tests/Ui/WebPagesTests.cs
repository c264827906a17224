using System.Net;
using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>The files of MLflow's web pages, and what there is without them.</summary>
public sealed class WebPagesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-ui-");

    public WebPagesTests()
    {
        Write("index.html", "<html>pages</html>");
        Write("static/js/main.abc.js", "run()");
        Write(".secret", "hidden");
    }

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("/mlflow")]
    public async Task The_pages_are_asked_for_anew_and_their_files_are_kept(string prefix)
    {
        await using var server = await StartedServer.StartAsync(options => options with { UiDir = folder.FullName, StaticPrefix = prefix });

        using var page = await server.Client.GetAsync(new Uri(prefix + "/", UriKind.Relative));
        using var script = await server.Client.GetAsync(new Uri(prefix + "/static-files/static/js/main.abc.js", UriKind.Relative));

        Assert.Equal(("<html>pages</html>", "text/html", "no-cache"), await ShowAsync(page));
        Assert.Equal(("run()", "text/javascript", "public, max-age=2419200"), await ShowAsync(script));
        Assert.Equal("nosniff", script.Headers.GetValues("X-Content-Type-Options").Single());
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(prefix + "/", UriKind.Relative)) { Headers = { IfNoneMatch = { page.Headers.ETag! } } };
        using var unchanged = await server.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("/static-files/nothing.js")]
    [InlineData("/static-files/.secret")]
    [InlineData("/static-files/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/static-files/static")]
    [InlineData("/something")]
    public async Task Nothing_else_is_served(string path)
    {
        await using var server = await StartedServer.StartAsync(options => options with { UiDir = folder.FullName });

        Assert.Equal(404, (await server.GetAsync(path)).Status);
    }

    [Theory]
    [InlineData("", "/experiments/1?o=2", "/#/experiments/1?o=2")]
    [InlineData("/mlflow", "/mlflow/models", "/mlflow/#/models")]
    [InlineData("", "/prompts/a%20b", "/#/prompts/a%20b")]
    public async Task Addresses_of_pages_lead_to_the_pages(string prefix, string path, string target)
    {
        await using var server = await StartedServer.StartAsync(options => options with { UiDir = folder.FullName, StaticPrefix = prefix });
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Client.BaseAddress };

        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((HttpStatusCode.Redirect, target), (answer.StatusCode, answer.Headers.Location!.OriginalString));
    }

    [Fact]
    public async Task A_build_may_have_the_folder_that_its_pages_name()
    {
        Write("static-files/inner.css", "a{}");
        await using var server = await StartedServer.StartAsync(options => options with { UiDir = folder.FullName });

        Assert.Equal((200, "a{}"), await server.GetAsync("/static-files/inner.css"));
    }

    [Fact]
    public async Task Without_pages_the_root_says_how_to_get_them()
    {
        await using var server = await StartedServer.StartAsync(options => options);

        Assert.Contains("--ui-dir", (await server.GetAsync("/")).Text, StringComparison.Ordinal);
        Assert.Equal(404, (await server.GetAsync("/static-files/main.js")).Status);
        Assert.Equal(404, (await server.GetAsync("/experiments/1")).Status);
    }

    [Fact]
    public void The_flag_names_a_folder_with_pages_or_none()
    {
        Assert.Equal(folder.FullName, UiFolder.Read(folder.FullName));
        Assert.Equal("", UiFolder.Read("none"));
        Assert.Contains("has no index.html", Assert.Throws<StartupException>(() => UiFolder.Read(Path.GetTempPath())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pages_of_the_active_environment_are_found()
    {
        Write("venv/lib/python3.12/site-packages/mlflow/server/js/build/index.html", "x");

        var found = UiFolder.FindInstalled(name => name == "VIRTUAL_ENV" ? Path.Combine(folder.FullName, "venv") : null);

        Assert.Equal(Path.Combine(folder.FullName, "venv/lib/python3.12/site-packages/mlflow/server/js/build"), found);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static async Task<(string Text, string? Type, string? Caching)> ShowAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.ToString());
}

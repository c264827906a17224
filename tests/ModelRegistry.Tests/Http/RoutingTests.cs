using System.Net;
using System.Net.Http.Headers;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Http;

/// <summary>Answers to what is no call of the API, as MLflow's server gives them.</summary>
public sealed class RoutingTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Create = "/api/2.0/mlflow/registered-models/create";
    private const string Info = "/api/3.0/mlflow/server-info";

    private const string NotFound =
        "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
        + "<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n";

    private const string NotAllowed =
        "<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n"
        + "<p>The method is not allowed for the requested URL.</p>\n";

    [Theory]
    [InlineData("GET", "/api/2.0/mlflow/nope")]
    [InlineData("POST", "/foo")]
    [InlineData("OPTIONS", "/api/nope")]
    [InlineData("GET", Info + "/")]
    [InlineData("POST", "/version/")]
    [InlineData("GET", "/API/3.0/mlflow/server-info")]
    [InlineData("GET", "/nope//nope")]
    [InlineData("GET", "/api/2.0//mlflow/registered-models/create")]
    public async Task An_unknown_path_is_a_page(string method, string path)
    {
        var (response, text) = await SendAsync(method, path);

        Assert.Equal((HttpStatusCode.NotFound, NotFound), (response.StatusCode, text));
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("GET", Create, "OPTIONS, POST")]
    [InlineData("PUT", Create, "OPTIONS, POST")]
    [InlineData("DELETE", Info, "GET, HEAD, OPTIONS")]
    [InlineData("POST", "/health", "GET, HEAD, OPTIONS")]
    public async Task A_wrong_method_is_a_page_and_names_the_right_ones(string method, string path, string allow)
    {
        var (response, text) = await SendAsync(method, path);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, NotAllowed), (response.StatusCode, text));
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData(Create, 204, "OPTIONS, POST")]
    [InlineData(Info, 204, "GET, HEAD, OPTIONS")]
    [InlineData("/health", 200, "GET, HEAD, OPTIONS")]
    public async Task Options_lists_the_methods(string path, int status, string allow)
    {
        var (response, text) = await SendAsync("OPTIONS", path);

        Assert.Equal((status, ""), ((int)response.StatusCode, text));
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
    }

    [Fact]
    public async Task A_double_slash_is_redirected_to_the_path_it_means()
    {
        var (response, text) = await SendAsync("GET", "/api/3.0//mlflow/server-info?a=b%20c");

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal($"{server.Client.BaseAddress}api/3.0/mlflow/server-info?a=b%20c", response.Headers.Location!.OriginalString);
        Assert.Contains("You should be redirected automatically to the target URL", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_is_answered_without_a_body_wherever_get_is()
    {
        Assert.Equal((HttpStatusCode.OK, ""), Status(await SendAsync("HEAD", "/health")));
        Assert.Equal((HttpStatusCode.OK, ""), Status(await SendAsync("HEAD", Info)));

        // A call reads its parameters from the query of a GET only.
        Assert.Equal((HttpStatusCode.BadRequest, ""), Status(await SendAsync("HEAD", "/api/2.0/mlflow/experiments/get?experiment_id=0")));
    }

    [Theory]
    [InlineData("/health", "text/html; charset=utf-8", "OK")]
    [InlineData("/version", "text/html; charset=utf-8", ProductInfo.MlflowVersion)]
    [InlineData(Info, "application/json", """{"store_type":"SqlStore","workspaces_enabled":false}""")]
    [InlineData("/ajax-api/3.0/mlflow/server-info", "application/json", """{"store_type":"SqlStore","workspaces_enabled":false}""")]
    public async Task The_server_says_what_it_is(string path, string type, string body)
    {
        var (response, text) = await SendAsync("GET", path);

        Assert.Equal((HttpStatusCode.OK, body), (response.StatusCode, text));
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task The_root_is_a_page_that_says_what_this_is()
    {
        var (response, text) = await SendAsync("GET", "/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("<h1>ModelRegistry</h1>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/2.0/mlflow/unified-traces")]
    [InlineData("GET", "/ajax-api/2.0/mlflow/get-online-trace-details")]
    [InlineData("POST", "/api/2.0mlflow/experiments/search-datasets")]
    public async Task Routes_that_mlflow_only_declares_are_not_found_and_empty(string method, string path) =>
        Assert.Equal((HttpStatusCode.NotFound, ""), Status(await SendAsync(method, path)));

    [Theory]
    [InlineData("GET", "/api/3.0/mlflow/workspaces", "/api/3.0/mlflow/workspaces")]
    [InlineData("PATCH", "/ajax-api/3.0/mlflow/workspaces/a", "/ajax-api/3.0/mlflow/workspaces/<workspace_name>")]
    public async Task Workspace_routes_say_that_workspaces_are_off(string method, string path, string rule) =>
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                $"Endpoint: {rule} disabled because the server is running without workspaces support. To enable workspace, run `mlflow server` with `--enable-workspaces`"),
            Status(await SendAsync(method, path)));

    [Fact]
    public async Task A_workspace_header_is_refused_everywhere_but_at_server_info()
    {
        var named = ("X-MLFLOW-WORKSPACE", "team");

        var (refused, text) = await SendAsync("GET", "/health", named);
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Equal(
            """{"error_code":"FEATURE_DISABLED","message":"Workspace APIs are not available: workspaces are not enabled on this server","sqlstate":"KAM00","error_class":"FEATURE_DISABLED"}""",
            text);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", Info, named)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("GET", "/health", ("X-MLFLOW-WORKSPACE", " "))).Response.StatusCode);
    }

    private async Task<(HttpResponseMessage Response, string Text)> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Client.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (method is "POST" or "PUT" or "PATCH")
            request.Content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    private static (HttpStatusCode, string) Status((HttpResponseMessage Response, string Text) answer) => (answer.Response.StatusCode, answer.Text);
}

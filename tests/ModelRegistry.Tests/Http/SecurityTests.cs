using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace ModelRegistry.Tests.Http;

/// <summary>The outer layers on the wire, in the order and with the headers of MLflow's server.</summary>
public sealed class SecurityTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Create = "/api/2.0/mlflow/registered-models/create";
    private const string Evil = "http://evil.example";

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/nope")]
    [InlineData("POST", Create)]
    public async Task Every_answer_carries_the_security_headers(string method, string path)
    {
        using var answer = await SendAsync(method, path);

        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("SAMEORIGIN", Header(answer, "X-Frame-Options"));
        Assert.Equal("Origin", Header(answer, "Vary"));
    }

    [Theory]
    [InlineData("registered-models/get?name=none", 404)]
    [InlineData("registered-models/get", 400)]
    public async Task Errors_carry_the_headers_of_the_outer_layers_and_their_own_length(string call, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/2.0/mlflow/{call}");
        request.Headers.Add("Origin", "http://localhost:1234");

        using var answer = await server.Client.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("SAMEORIGIN", Header(answer, "X-Frame-Options"));
        Assert.Equal("Origin", Header(answer, "Vary"));
        Assert.Equal("http://localhost:1234", Header(answer, "Access-Control-Allow-Origin"));
        Assert.NotNull(Header(answer, "X-Request-ID"));
        Assert.Equal((await answer.Content.ReadAsByteArrayAsync()).Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_foreign_host_is_refused_except_by_the_probes()
    {
        using var refused = await SendAsync("GET", "/nope", ("Host", "evil.example"));
        using var health = await SendAsync("GET", "/health", ("Host", "evil.example"));

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("Invalid Host header - possible DNS rebinding attack detected", await refused.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", refused.Content.Headers.ContentType!.ToString());
        Assert.Null(Header(refused, "Vary"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("http://localhost:3000", "POST", null, 200, "OK")]
    [InlineData(Evil, "POST", null, 400, "Disallowed CORS origin")]
    [InlineData(Evil, "FOO", null, 400, "Disallowed CORS origin, method")]
    [InlineData("http://localhost:3000", "POST", "true", 400, "Disallowed CORS private-network")]
    public async Task A_preflight_is_answered_by_the_outer_layer(string origin, string method, string? privateNetwork, int status, string text)
    {
        using var answer = await SendAsync(
            "OPTIONS", Create, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "content-type, x-a"),
            (privateNetwork is null ? "X-None" : "Access-Control-Request-Private-Network", privateNetwork ?? "1"));

        Assert.Equal((status, text), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        Assert.Equal(origin == Evil ? null : origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("GET, POST, PUT, DELETE, OPTIONS, PATCH", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("content-type, x-a", Header(answer, "Access-Control-Allow-Headers"));
        Assert.Equal("600", Header(answer, "Access-Control-Max-Age"));
        Assert.Null(Header(answer, "X-Frame-Options"));
    }

    [Fact]
    public async Task A_write_from_another_origin_is_blocked_below_the_api_only()
    {
        using var blocked = await SendAsync("POST", Create, ("Origin", Evil));
        using var elsewhere = await SendAsync("POST", "/nope", ("Origin", Evil));

        Assert.Equal(HttpStatusCode.Forbidden, blocked.StatusCode);
        Assert.Equal("Cross-origin request blocked", await blocked.Content.ReadAsStringAsync());
        Assert.Equal("true", Header(blocked, "Access-Control-Allow-Credentials"));
        Assert.Null(Header(blocked, "X-Frame-Options"));
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Theory]
    [InlineData(Evil, null)]
    [InlineData("http://localhost:3000", "http://localhost:3000")]
    public async Task A_read_is_answered_and_marked_for_the_browser(string origin, string? allowed)
    {
        using var answer = await SendAsync("GET", "/api/3.0/mlflow/server-info", ("Origin", origin));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(allowed, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("*", Header(answer, "Access-Control-Expose-Headers"));
        Assert.Equal("true", Header(answer, "Access-Control-Allow-Credentials"));
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await server.Client.SendAsync(request);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}

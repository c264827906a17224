using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ModelRegistry.Tests.OpenApi;

/// <summary><c>/openapi/v1.json</c> and <c>/docs</c>.</summary>
public sealed partial class OpenApiTests(DescribedServer server) : IClassFixture<DescribedServer>
{
    /// <summary>Routes that are not described, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotDescribed = new()
    {
        ["/"] = "a page",
        ["/static-files/{**path}"] = "files of pages",
        ["/docs"] = "a page",
        ["/docs/scalar.js"] = "a file of a page",
        ["/openapi/v1.json"] = "the description itself",
        ["/ajax-api/3.0/mlflow/ui-telemetry"] = "MLflow's pages ask whether they may report; the answer is no",
        ["/ajax-api/3.0/mlflow/assistant/config"] = "says that there is nothing",
        ["/ajax-api/2.0/mlflow/gateway-proxy"] = "says that there is nothing",
        ["/ajax-api/3.0/mlflow/gateway/"] = "says that there is nothing",
        ["/api/2.0/mlflow/unified-traces"] = "declared by MLflow, and not found",
        ["/ajax-api/2.0/mlflow/unified-traces"] = "declared by MLflow, and not found",
        ["/api/2.0/mlflow/get-online-trace-details"] = "declared by MLflow, and not found",
        ["/ajax-api/2.0/mlflow/get-online-trace-details"] = "declared by MLflow, and not found",
        ["/api/2.0mlflow/experiments/search-datasets"] = "declared by MLflow, and not found",
        ["/ajax-api/2.0mlflow/experiments/search-datasets"] = "declared by MLflow, and not found",
    };

    [Fact]
    public void Every_route_is_described_or_on_the_list()
    {
        var described = server.Description.Operations.SelectMany(operation => operation.Paths, (operation, path) => (operation.Method, path)).ToHashSet();
        var routes = from endpoint in server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                     from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
                     where method != "HEAD" && endpoint.RoutePattern.RawText != "/v1/traces"
                     select (method, path: endpoint.RoutePattern.RawText!);
        var missing = routes.Where(route => !described.Contains((route.method, route.path.Replace("{**", "{", StringComparison.Ordinal))));

        Assert.DoesNotContain(missing, route => !NotDescribed.Keys.Any(known => known == route.path || (known.Length > 1 && known.EndsWith('/') && route.path.StartsWith(known, StringComparison.Ordinal))));
        Assert.Contains(("POST", "/v1/traces"), described);
    }

    [Fact]
    public void Every_call_says_what_it_does_who_may_and_how_it_fails()
    {
        Assert.All(server.Description.Operations, operation =>
        {
            Assert.True(operation.Json.TryGetProperty("summary", out _), $"{operation} has no summary.");
            Assert.True(operation.Json.TryGetProperty("x-permission", out var permission), $"{operation} has no permission.");
            if (permission.ValueKind == JsonValueKind.Object)
                Assert.True(operation.ResponseSchema(400, server.Description) is not null, $"{operation} has no errors.");
        });
        var ids = server.Description.Operations.Select(operation => operation.Json.GetProperty("operationId").GetString()!).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[a-z][A-Za-z0-9]*$", id));
    }

    [Fact]
    public void A_call_is_described_with_fields_limits_enums_examples_and_doc_comments()
    {
        var search = server.Description.Find("GET", "/api/2.0/mlflow/registered-models/search")!;
        var create = server.Description.Resolve(server.Description.Find("POST", "/api/2.0/mlflow/model-versions/create")!.RequestSchema!.Value);
        var runs = server.Description.RequestFields(server.Description.Find("POST", "/api/2.0/mlflow/runs/search")!);

        Assert.Equal(1000, server.Description.RequestFields(search)["max_results"].GetProperty("maximum").GetInt64());
        Assert.Equal("Finds registered models by a filter, up to 1000 a page", search.Json.GetProperty("summary").GetString());
        Assert.Equal("""{"level":"AUTHENTICATED","resource":"registered_model"}""", Compact(search.Json.GetProperty("x-permission")));
        Assert.Equal("""["name","source"]""", Compact(create.GetProperty("required")));
        Assert.Equal("fraud", create.GetProperty("properties").GetProperty("name").GetProperty("examples")[0].GetString());
        Assert.Contains("ACTIVE_ONLY", Compact(server.Description.Resolve(runs["run_view_type"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reference_leads_to_a_component_and_every_example_fits_its_field()
    {
        var text = server.Description.Root.GetRawText();
        var schemas = server.Description.Root.GetProperty("components").GetProperty("schemas");

        foreach (var name in Reference().Matches(text).Select(match => match.Groups[1].Value).Distinct())
            Assert.True(schemas.TryGetProperty(name, out _), name);
        foreach (var (schema, field) in schemas.EnumerateObject().SelectMany(schema => server.Description.Fields(schema.Value), (schema, field) => (schema.Name, field)))
        {
            if (field.Value.TryGetProperty("examples", out var examples))
                Assert.True(SchemaCheck.Run(server.Description, field.Value, examples[0], isRequest: false).Count == 0, $"{schema}.{field.Key}");
        }
    }

    [Fact]
    public async Task The_pages_load_nothing_from_other_hosts()
    {
        using var page = await server.Client.GetAsync(new Uri("/docs", UriKind.Relative));
        var html = await page.Content.ReadAsStringAsync();
        using var script = await server.Client.GetAsync(new Uri("/docs/scalar.js", UriKind.Relative));

        Assert.Equal((200, "text/html; charset=utf-8"), ((int)page.StatusCode, page.Content.Headers.ContentType!.ToString()));
        Assert.DoesNotContain("//", Comments().Replace(html, ""), StringComparison.Ordinal);
        Assert.Contains("src=\"/docs/scalar.js\"", html, StringComparison.Ordinal);
        Assert.Equal((200, "text/javascript"), ((int)script.StatusCode, script.Content.Headers.ContentType!.MediaType));
        Assert.Contains("createApiReference", await script.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_document_is_the_same_for_every_host_that_asks()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.Host = "10.1.2.3";
        using var answer = await server.Client.SendAsync(request);

        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(server.Description.Root.GetRawText(), await answer.Content.ReadAsStringAsync());
        Assert.Equal("""[{"url":"/"}]""", Compact(server.Description.Root.GetProperty("servers")));
    }

    [Fact]
    public async Task Both_are_below_the_static_prefix()
    {
        await using var prefixed = await StartedServer.StartAsync(options => options with { StaticPrefix = "/team" });

        var (status, text) = await prefixed.GetAsync("/team/openapi/v1.json");
        var (page, html) = await prefixed.GetAsync("/team/docs");

        Assert.Equal((200, 200, 200), (status, page, (await prefixed.GetAsync("/team/docs/scalar.js")).Status));
        Assert.Equal((404, 404), ((await prefixed.GetAsync("/openapi/v1.json")).Status, (await prefixed.GetAsync("/docs")).Status));
        Assert.Contains("/team/docs/scalar.js", html, StringComparison.Ordinal);
        Assert.Contains("/team/openapi/v1.json", html.Replace("\\u002F", "/", StringComparison.Ordinal), StringComparison.Ordinal);
        var description = ApiDescription.Parse(text);
        Assert.Equal("""[{"url":"/team"}]""", Compact(description.Root.GetProperty("servers")));
        Assert.NotNull(description.Find("GET", "/api/2.0/mlflow/runs/get"));
        Assert.NotNull(description.Find("GET", "/health"));
    }

    [Fact]
    public async Task A_flag_leaves_both_out()
    {
        await using var without = await StartedServer.StartAsync(options => options with { ServeOpenApi = false });

        foreach (var path in (string[])["/openapi/v1.json", "/docs", "/docs/scalar.js"])
            Assert.Equal(404, (await without.GetAsync(path)).Status);
    }

    [Fact]
    public async Task A_cache_does_not_hide_the_form_of_an_answer()
    {
        await using var cached = await StartedServer.StartAsync(options => options with { Cache = "memory" });

        var description = ApiDescription.Parse((await cached.GetAsync("/openapi/v1.json")).Text);

        var answer = description.Find("GET", "/api/2.0/mlflow/registered-models/get")!.ResponseSchema(200, description)!.Value;
        Assert.Contains("registered_model", description.Fields(answer).Keys);
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("(?m)^// .*$")]
    private static partial Regex Comments();
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests;

/// <summary>The route table of the server against MLflow's (<c>TestData/mlflow-routes.json</c>) and <c>docs/api-states.json</c>.</summary>
public sealed partial class EndpointTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly MlflowRoute[] mlflow = Read<MlflowRoute[]>("tests/ModelRegistry.Tests/TestData/mlflow-routes.json");
    private readonly ApiStates states = Read<ApiStates>("docs/api-states.json");
    private List<RouteEndpoint> endpoints = [];
    private HashSet<string> mapped = [];
    private StartedServer? server;

    public async Task InitializeAsync()
    {
        server = await StartedServer.StartAsync(options => options);
        endpoints = [.. server.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>()];
        mapped = [.. endpoints.SelectMany(Methods, (endpoint, method) => Key(method, endpoint.RoutePattern.RawText!))];
    }

    public async Task DisposeAsync() => await server!.DisposeAsync();

    [Fact]
    public void Every_route_declares_a_permission_or_is_open_on_purpose()
    {
        var bare = endpoints.Where(e => e.Metadata.GetMetadata<RoutePermission>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null);
        var open = endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText);

        Assert.Empty(bare.Select(endpoint => endpoint.DisplayName));
        Assert.Equal(["/", "/health", "/health/live", "/health/ready", "/static-files/{**path}", "/version"], open.Order());
    }

    [Fact]
    public void A_route_without_a_permission_stops_the_start()
    {
        var route = new RouteEndpointBuilder(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/open"), 0) { DisplayName = "/open" }.Build();

        var refusal = Assert.Throws<StartupException>(() => RoutePermissions.Check([route]));

        Assert.Contains("'/open' declares no permission", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_route_of_mlflow_is_mapped_or_listed_with_a_reason()
    {
        var missing = mlflow.Where(route => states.Of(route) is null && !IsMapped(route));
        var stale = mlflow.Where(route => states.Of(route)?.State == "pending").GroupBy(states.Of).Where(entry => entry.All(IsMapped)).Select(entry => entry.Key);

        Assert.True(!missing.Any(), $"Map these, or list them in docs/api-states.json:\n{string.Join('\n', missing)}");
        Assert.True(!stale.Any(), $"All of these is served; take it off docs/api-states.json:\n{string.Join('\n', stale)}");
    }

    [Fact]
    public async Task The_coverage_table_is_that_of_the_routes()
    {
        var text = new StringBuilder(
            """
            # API coverage

            Every route of MLflow 3.11 and its state here. This file is written by the tests (`UPDATE_DOCS=1`) from the route table of the server and
            `docs/api-states.json`. Calls below `/api` are served below `/ajax-api` as well where MLflow does so, and those of version 2.0 also below
            `/api/2.0/preview` for clients of the 1.x line.

            | State | Routes |
            |---|---|

            """);
        foreach (var state in mlflow.GroupBy(StateOf).OrderByDescending(group => group.Count()))
            text.Append(CultureInfo.InvariantCulture, $"| {state.Key} | {state.Count()} |\n");
        foreach (var area in mlflow.GroupBy(route => route.Area).OrderBy(area => area.Key, StringComparer.Ordinal))
            AppendArea(text, area);
        AppendExtras(text);
        text.Append("\n## Knowingly different\n\n");
        foreach (var (calls, difference) in states.Differences)
            text.Append(CultureInfo.InvariantCulture, $"* {string.Join(", ", calls.Select(call => call.Contains(' ', StringComparison.Ordinal) ? call : $"`{call}`"))}: {difference}\n");

        await Repository.AssertGeneratedAsync("docs/api-coverage.md", text.ToString());
    }

    private void AppendArea(StringBuilder text, IGrouping<string, MlflowRoute> area)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {area.Key}\n\n| Method | Path | State |\n|---|---|---|\n");
        foreach (var route in area)
        {
            var state = StateOf(route);
            text.Append(CultureInfo.InvariantCulture, $"| {route.Method} | `{route.Path}` | {state}{(state == "served" ? "" : ": " + states.Of(route)?.Reason)} |\n");
        }
    }

    private void AppendExtras(StringBuilder text)
    {
        var known = mlflow.Select(route => Key(route.Method, route.Path)).ToHashSet();
        text.Append("\n## Served beyond MLflow 3.11\n\nFor older clients and those in other languages; the `/preview` forms are left out here.\n\n| Method | Path |\n|---|---|\n");
        foreach (var key in mapped.Where(key => !known.Contains(key) && !key.Contains("/preview/", StringComparison.Ordinal) && !key.StartsWith("HEAD ", StringComparison.Ordinal) && !key.EndsWith(" /v1/traces", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| {key.Split(' ')[0]} | `{key.Split(' ')[1]}` |\n");
    }

    /// <remarks>What is pending by its area is served as soon as it is mapped; what is refused may be mapped to say so.</remarks>
    private string StateOf(MlflowRoute route) => states.Of(route) switch
    {
        { State: "refused" } => "refused",
        _ when IsMapped(route) => "served",
        var entry => entry?.State ?? "missing",
    };

    private bool IsMapped(MlflowRoute route) => mapped.Contains(Key(route.Method, route.Path));

    private static IReadOnlyList<string> Methods(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods;

    /// <summary>Method and path, whatever the parameters are called.</summary>
    private static string Key(string method, string path) =>
        $"{method} {Parameter().Replace(path, match => match.Value.Contains('*', StringComparison.Ordinal) ? "{*}" : "{}")}";

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    private static T Read<T>(string path) => JsonSerializer.Deserialize<T>(File.ReadAllText(Repository.PathOf(path)), Json)!;

    private sealed record MlflowRoute(string Method, string Path, string Area, string Operation);

    private sealed record ApiState(string State, string Reason);

    private sealed record ApiDifference(IReadOnlyList<string> Calls, string Difference);

    private sealed record ApiStates(IReadOnlyDictionary<string, ApiState> Areas, IReadOnlyDictionary<string, ApiState> Operations, IReadOnlyList<ApiDifference> Differences)
    {
        public ApiState? Of(MlflowRoute route) => Operations.GetValueOrDefault(route.Operation) ?? Areas.GetValueOrDefault(route.Area);
    }
}

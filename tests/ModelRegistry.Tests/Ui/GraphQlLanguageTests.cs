using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>What is taken for GraphQL, what is refused, and in which words; the messages are those of MLflow's server.</summary>
public sealed class GraphQlLanguageTests(GraphQlFixture server) : IClassFixture<GraphQlFixture>
{
    private const string Ten = "1 2 3 4 5 6 7 8 9 10";

    [Theory]
    [InlineData("{ test(inputString: \"A\\u0041\\n\\\"é\") { output } }", "AA\n\"é")]
    [InlineData("{ test(inputString: \"\"\"a\n    b\n      c\n\"\"\") { output } }", "a\nb\n  c")]
    [InlineData("# comment\nquery Q { , test ( inputString : \"x\" ) { output } }", "x")]
    [InlineData("query ($s: String = \"d\") { test(inputString: $s) { output } }", "d")]
    [InlineData("{ test(inputString: \"x\") { ...F } } fragment F on Test { output }", "x")]
    [InlineData("{ test(inputString: \"x\") { ... { output } ... on Test { output } } }", "x")]
    [InlineData("{ test(inputString: \"x\") { output @include(if: true) o: output @skip(if: true) } }", "x")]
    public async Task Queries_may_be_written_in_many_ways(string query, string output) =>
        Assert.Equal(output, (string?)(await server.DataAsync(query)).AsObject().Single().Value);

    [Fact]
    public async Task Repeated_fields_are_one_and_aliases_are_kept()
    {
        var answer = await server.DataAsync("{ t: test(inputString: \"x\") { output } t: test(inputString: \"x\") { o: output __typename } }");

        Assert.Equal("""{"__typename":"Test","o":"x","output":"x"}""", answer.ToJsonString());
    }

    [Fact]
    public async Task The_operation_is_chosen_by_its_name()
    {
        const string Query = "query A { test(inputString: \"a\") { output } } query B { test(inputString: \"b\") { output } }";

        Assert.Equal("""{"data":{"test":{"output":"b"}},"errors":null}""", (await server.AskAsync(Query, operationName: "B")).Text);
        Assert.Equal("Must provide operation name if query contains multiple operations.", await server.RefusalAsync(Query));
        Assert.Equal("Unknown operation named 'C'.", await server.RefusalAsync(Query, operationName: "C"));
    }

    [Theory]
    [InlineData("{ foo }", "Cannot query field 'foo' on type 'Query'.")]
    [InlineData("{ test(z: 1) { output } }", "Unknown argument 'z' on field 'Query.test'.")]
    [InlineData("{ test(inputString: 5) { output } }", "String cannot represent a non string value: 5")]
    [InlineData("{ test(inputString: \"x\") }", "Field 'test' of type 'Test' must have a selection of subfields. Did you mean 'test { ... }'?")]
    [InlineData("{ test(inputString: \"x\") { output { x } } }", "Field 'output' must not have a selection since type 'String' has no subfields.")]
    [InlineData("{ test(inputString: \"x\") @foo { output } }", "Unknown directive '@foo'.")]
    [InlineData("{ test(inputString: $s) { output } }", "Variable '$s' is not defined.")]
    [InlineData("query Q($s: Int) { test(inputString: $s) { output } }", "Variable '$s' of type 'Int' used in position expecting type 'String'.")]
    [InlineData("query Q($s: Nope) { test(inputString: $s) { output } }", "Unknown type 'Nope'.")]
    [InlineData("query Q($s: String!) { test(inputString: $s) { output } }", "Variable '$s' of required type 'String!' was not provided.")]
    [InlineData("{ test(inputString: \"x\") { ...F } }", "Unknown fragment 'F'.")]
    [InlineData("{ test(inputString: \"x\") { ...F } } fragment F on Test { output ...F }", "Cannot spread fragment 'F' within itself.")]
    [InlineData("{ test(inputString: \"x\") { ... on Query { output } } }", "Fragment cannot be spread here as objects of type 'Test' can never be of type 'Query'.")]
    [InlineData("{ mlflowGetRun(input: {foo: 1}) { apiError { code } } }", "Field 'foo' is not defined by type 'MlflowGetRunInput'.")]
    [InlineData("{ mlflowSearchRuns(input: {runViewType: FOO}) { nextPageToken } }", "Value 'FOO' does not exist in 'MlflowViewType' enum.")]
    [InlineData("{ x: test(inputString: \"x\") { output } x: test(inputString: \"y\") { output } }", "Fields 'x' conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional.")]
    [InlineData("subscription { x }", "Schema is not configured to execute subscription operation.")]
    public async Task What_does_not_fit_the_schema_is_refused(string query, string message) => Assert.Equal(message, await server.RefusalAsync(query));

    [Fact]
    public async Task Variables_that_do_not_fit_are_named_with_their_place()
    {
        const string Query = "query Q($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { nextPageToken } }";

        Assert.Equal("Variable '$d' got invalid value 5 at 'd.filter'; String cannot represent a non string value: 5", await server.RefusalAsync(Query, new { d = new { filter = 5 } }));
        Assert.Equal("Variable '$d' got invalid value 'x'; Expected type 'MlflowSearchRunsInput' to be a mapping.", await server.RefusalAsync(Query, new { d = "x" }));
        Assert.Equal(
            "Variable '$d' got invalid value 3000000000 at 'd.maxResults'; Int cannot represent non 32-bit signed integer value: 3000000000",
            await server.RefusalAsync(Query, new { d = new { maxResults = 3_000_000_000 } }));
        Assert.Equal("Variable '$d' of non-null type 'MlflowSearchRunsInput!' must not be null.", await server.RefusalAsync("query Q($d: MlflowSearchRunsInput!) { mlflowSearchRuns(input: $d) { nextPageToken } }", new Dictionary<string, object?> { ["d"] = null }));
    }

    [Fact]
    public async Task Queries_that_ask_for_too_much_are_refused_before_anything_is_done()
    {
        var many = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"k{i}: test(inputString: \"x\") {{ output }}"));
        var aliases = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"k{i}: output"));
        var deep = string.Concat(Enumerable.Repeat("test { ", 11)) + "output" + new string('}', 11);
        var wide = "test { " + string.Join(' ', Enumerable.Range(0, 1001).Select(i => $"f{i}")) + " }";

        Assert.StartsWith("GraphQL queries should have at most 10 root fields, got 12 root fields. To increase the limit, set the MLFLOW_SERVER_GRAPHQL_MAX_ROOT_FIELDS", await server.RefusalAsync($"{{ {many} }}"), StringComparison.Ordinal);
        Assert.StartsWith("GraphQL queries should have at most 10 aliases, got 12 aliases.", await server.RefusalAsync($"{{ test {{ {aliases} }} }}"), StringComparison.Ordinal);
        Assert.Equal("Query exceeds maximum depth of 10", await server.RefusalAsync($"{{ {deep} }}"));
        Assert.Equal("Query exceeds maximum total selections of 1000", await server.RefusalAsync($"{{ {wide} }}"));
    }

    [Fact]
    public async Task The_limits_are_those_of_the_options()
    {
        await using var narrow = await StartedServer.StartAsync(options => options with { GraphQlMaxRootFields = 1, GraphQlMaxAliases = 0 });

        Assert.Equal("at most 1 root fields, got 2 root fields", await LimitAsync("{ __typename test { output } }"));
        Assert.Equal("at most 0 aliases, got 1 aliases", await LimitAsync("{ a: __typename }"));

        async Task<string> LimitAsync(string query)
        {
            using var answer = await narrow.Client.PostAsJsonAsync("/graphql", new { query });
            return (await answer.Content.ReadAsStringAsync()).Split("should have ")[1].Split('.')[0];
        }
    }

    [Fact]
    public async Task Fragments_are_no_way_around_the_limits()
    {
        // Each fragment uses the one before it ten times: 10^8 fields in under two kilobytes.
        var query = new StringBuilder("{ test(inputString: \"x\") { ...F8 } } fragment F0 on Test { output }");
        for (var i = 1; i <= 8; i++)
            query.Append(System.Globalization.CultureInfo.InvariantCulture, $" fragment F{i} on Test {{ {string.Concat(Ten.Split(' ').Select(_ => $"...F{i - 1} "))} }}");

        Assert.Equal("Query exceeds maximum total selections of 1000", await server.RefusalAsync(query.ToString()));
        Assert.StartsWith("GraphQL queries should have at most 10 root fields", await server.RefusalAsync("{ ...R ...R ...R } fragment R on Query { a: __typename b: __typename c: __typename d: __typename }"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query {")]
    [InlineData("")]
    [InlineData("{ test(inputString: \"x) { output } }")]
    [InlineData("{ test(inputString: \"\\ud800\") { output } }")]
    [InlineData("{ }")]
    [InlineData("{ a(b: 1.) { c } } ^")]
    [InlineData("{ a(b: 1e999) { c } }")]
    [InlineData("# nothing")]
    [InlineData("{ a } type A { b: Int }")]
    [InlineData("{ a ...F } fragment F on Query { b } fragment F on Query { c }")]
    public async Task What_is_no_query_is_a_bad_request(string query)
    {
        var answer = await server.PostAsync("/graphql", new { query });

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Endless_nesting_is_a_bad_request_too()
    {
        foreach (var query in new[] { new string('{', 100_000), "{ a(b: " + new string('[', 100_000), "query ($a: " + new string('[', 100_000) })
            Assert.Equal("Syntax Error: More than 50 levels of nesting.", (await server.PostAsync("/graphql", new { query = query.Replace("{{", "{a{a", StringComparison.Ordinal) })).Message);
        Assert.Equal(
            $"String cannot represent a non string value: {new string('[', 48)}1{new string(']', 48)}",
            await server.RefusalAsync($"{{ test(inputString: {new string('[', 48)}1{new string(']', 48)}) {{ output }} }}"));
        Assert.Equal(400, (await server.PostAsync("/graphql", new { query = new string(' ', 200_001) + "{ a }" })).Status);
    }

    /// <summary>The library's message for an error at the end of such a line costs nine seconds.</summary>
    [Fact]
    public async Task Endless_lines_are_a_bad_request_too()
    {
        var started = Stopwatch.StartNew();
        foreach (var query in new[] { new string(' ', 199_999) + "^", "{ a(b: \"" + new string('x', 100_000) })
            Assert.Equal("A line of the GraphQL query is longer than 20000 characters.", (await server.PostAsync("/graphql", new { query })).Message);

        Assert.Equal(400, (await server.PostAsync("/graphql", new { query = new string('\n', 199_999) + "^" })).Status);
        Assert.True(started.Elapsed < TimeSpan.FromSeconds(5), $"Took {started.Elapsed}.");
    }

    [Fact]
    public async Task Requests_without_a_query_object_are_bad_requests()
    {
        Assert.Equal(400, (await server.PostAsync("/graphql", new { })).Status);
        Assert.Equal(400, (await server.PostAsync("/graphql", new[] { new { query = "{ __typename }" } })).Status);
        Assert.Equal(400, (await server.PostAsync("/graphql", new { query = "{ __typename }", variables = 5 })).Status);
        Assert.Equal(400, (await server.GetAsync("/graphql")).Status);
        Assert.Equal(400, (await server.GetAsync("/graphql?query={__typename}&variables=5")).Status);
        Assert.Equal("""{"data":{"__typename":"Query"},"errors":null}""", (await server.GetAsync("/graphql?query={__typename}")).Text);
    }
}

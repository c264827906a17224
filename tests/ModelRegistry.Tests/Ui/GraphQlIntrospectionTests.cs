using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>What tools ask about the schema itself before they ask anything else.</summary>
public sealed class GraphQlIntrospectionTests(GraphQlFixture server) : IClassFixture<GraphQlFixture>
{
    /// <summary>The question of GraphiQL and of code generators, with as many levels of <c>ofType</c> as they send.</summary>
    private const string Everything =
        """
        query IntrospectionQuery {
          __schema {
            description
            queryType { name } mutationType { name } subscriptionType { name }
            types { ...Full }
            directives { name description isRepeatable locations args(includeDeprecated: true) { ...Input } }
          }
        }
        fragment Full on __Type {
          kind name description specifiedByURL
          fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...Input } type { ...Ref } isDeprecated deprecationReason }
          inputFields(includeDeprecated: true) { ...Input }
          interfaces { ...Ref }
          enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
          possibleTypes { ...Ref }
        }
        fragment Input on __InputValue { name description type { ...Ref } defaultValue isDeprecated deprecationReason }
        fragment Ref on __Type {
          kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
        }
        """;

    [Fact]
    public async Task The_whole_schema_is_told_and_every_type_it_names_is_in_it()
    {
        var schema = await server.DataAsync(Everything);

        var types = schema["types"]!.AsArray().ToDictionary(type => (string)type!["name"]!, type => type!);
        Assert.Equal(("Query", "Mutation", null), ((string?)schema["queryType"]!["name"], (string?)schema["mutationType"]!["name"], (string?)schema["subscriptionType"]));
        foreach (var (kind, name) in NamedTypesIn(schema))
            Assert.Equal(kind, (string?)types[name]["kind"]);
        Assert.All(types.Values, type => Assert.Equal((string?)type["kind"] == "OBJECT", type["fields"] is not null));
        Assert.All(types.Values, type => Assert.Equal((string?)type["kind"] == "INPUT_OBJECT", type["inputFields"] is not null));
        Assert.All(types.Values, type => Assert.Equal((string?)type["kind"] == "ENUM", type["enumValues"] is not null));
        Assert.Equal(["include", "skip", "component"], schema["directives"]!.AsArray().Select(directive => (string)directive!["name"]!));
        Assert.DoesNotContain(types["Query"]["fields"]!.AsArray(), field => ((string)field!["name"]!).StartsWith("__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_type_is_told_by_name_with_lists_and_non_null_unwrapped_one_at_a_time()
    {
        const string Fields = "kind fields { name type { kind name ofType { kind name ofType { kind name ofType { name } } } } }";

        var answer = await server.DataAsync($$"""{ __type(name: "MlflowRunInputs") { {{Fields}} } }""");

        const string Expected =
            """
            {"kind":"OBJECT","fields":[
              {"name":"datasetInputs","type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"OBJECT","name":"MlflowDatasetInput","ofType":null}}}},
              {"name":"modelInputs","type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"OBJECT","name":"MlflowModelInput","ofType":null}}}}]}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Expected), answer), answer.ToJsonString());
    }

    [Theory]
    [InlineData("MlflowViewType", "enumValues { name isDeprecated }", """{"enumValues":[{"isDeprecated":false,"name":"ACTIVE_ONLY"},{"isDeprecated":false,"name":"DELETED_ONLY"},{"isDeprecated":false,"name":"ALL"}]}""")]
    [InlineData("MlflowGetRunInput", "kind inputFields { name type { name } defaultValue }", """{"inputFields":[{"defaultValue":null,"name":"runId","type":{"name":"String"}},{"defaultValue":null,"name":"runUuid","type":{"name":"String"}}],"kind":"INPUT_OBJECT"}""")]
    [InlineData("LongString", "kind name fields { name } interfaces { name } __typename", """{"__typename":"__Type","fields":null,"interfaces":null,"kind":"SCALAR","name":"LongString"}""")]
    [InlineData("Test", "a: fields { name } b: fields { type { name } }", """{"a":[{"name":"output"}],"b":[{"type":{"name":"String"}}]}""")]
    public async Task Each_kind_of_type_has_its_own_members(string type, string asked, string expected) =>
        Assert.Equal(expected, (await server.DataAsync($"query Q($n: String!) {{ __type(name: $n) {{ {asked} }} }}", new { n = type })).ToJsonString());

    [Fact]
    public async Task Questions_about_the_schema_go_together_with_questions_to_it()
    {
        var answer = await server.AskAsync("{ none: __type(name: \"Nope\") { name } __schema { queryType { name } } test(inputString: \"x\") { output __typename } }");

        Assert.Equal("""{"data":{"__schema":{"queryType":{"name":"Query"}},"none":null,"test":{"__typename":"Test","output":"x"}},"errors":null}""", answer.Text);
    }

    [Theory]
    [InlineData("{ __type { name } }", "Field '__type' argument 'name' of type 'String!' is required, but it was not provided.")]
    [InlineData("{ __type(name: null) { name } }", "Expected non-nullable type 'String!' not to be None.")]
    [InlineData("{ __schema { nope } }", "Cannot query field 'nope' on type '__Schema'.")]
    [InlineData("mutation { __schema { queryType { name } } }", "Cannot query field '__schema' on type 'Mutation'.")]
    [InlineData("{ test(inputString: \"x\") { __schema } }", "Cannot query field '__schema' on type 'Test'.")]
    public async Task What_is_not_there_is_refused(string query, string message) => Assert.Equal(message, await server.RefusalAsync(query));

    [Fact]
    public async Task The_limits_hold_for_the_schema_too_but_unwrapping_is_not_depth()
    {
        var circle = string.Concat(Enumerable.Repeat("fields { type { ", 5)) + "name" + string.Concat(Enumerable.Repeat(" } }", 5));
        var unwrapping = string.Concat(Enumerable.Repeat("ofType { ", 30)) + "name" + new string('}', 30);

        Assert.Equal("Query exceeds maximum depth of 10", await server.RefusalAsync($"{{ __schema {{ types {{ {circle} }} }} }}"));
        Assert.Equal(
            """{"ofType":null}""",
            (await server.DataAsync($"{{ __type(name: \"Test\") {{ {unwrapping} }} }}")).ToJsonString());
    }

    private static IEnumerable<(string Kind, string Name)> NamedTypesIn(JsonNode? node) => node switch
    {
        JsonObject type when type.ContainsKey("kind") && type["name"] is { } name => NamedTypesInside(type).Prepend(((string)type["kind"]!, (string)name!)),
        JsonObject other => NamedTypesInside(other),
        JsonArray items => items.SelectMany(NamedTypesIn),
        _ => [],
    };

    private static IEnumerable<(string Kind, string Name)> NamedTypesInside(JsonObject members) => members.SelectMany(member => NamedTypesIn(member.Value));
}

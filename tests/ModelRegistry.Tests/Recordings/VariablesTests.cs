using System.Text;
using System.Text.Json;
using Xunit;

namespace ModelRegistry.Tests.Recordings;

public sealed class VariablesTests
{
    [Fact]
    public void A_nonce_starts_with_f_and_its_base64_spells_the_same_bytes()
    {
        var variables = Variables.WithNonce();

        var nonce = variables.Fill("{{nonce}}");

        Assert.Matches("^f[0-9a-f]{7}$", nonce);
        Assert.Equal(nonce, Convert.ToHexStringLower(Convert.FromBase64String(variables.Fill("{{nonce_b64}}"))));
        Assert.NotEqual(nonce, Variables.WithNonce().Fill("{{nonce}}"));
    }

    [Fact]
    public void Only_bound_names_are_replaced()
    {
        var variables = Bound("run_id_1", Json.Text("abc"));

        Assert.Equal("abc/{{other}}/{{ run_id_1 }}/{{RUN}}", variables.Fill("{{run_id_1}}/{{other}}/{{ run_id_1 }}/{{RUN}}"));
    }

    [Fact]
    public void A_replaced_value_is_not_looked_at_again()
    {
        var variables = Bound("a", Json.Text("{{b}}"));
        variables.Bind("b", Json.Text("x"));

        Assert.Equal("-{{b}}-", variables.Fill("-{{a}}-"));
    }

    [Theory]
    [InlineData("""{"t": "{{v}}"}""", """{"t":17}""")]
    [InlineData("""{"t": "at {{v}}"}""", """{"t":"at 17"}""")]
    [InlineData("""{"k{{v}}": ["{{v}}"]}""", """{"k17":[17]}""")]
    [InlineData("""{"t": {"$int": "{{v}}0"}}""", """{"t":170}""")]
    [InlineData("""{"t": 1.50, "n": null}""", """{"t":1.50,"n":null}""")]
    public void Bodies_are_expanded_with_types(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(JsonExpander.Expand(JsonElement.Parse(body), Bound("v", Json.Number(17)))));

    private static Variables Bound(string name, JsonElement value)
    {
        var variables = new Variables();
        variables.Bind(name, value);
        return variables;
    }
}

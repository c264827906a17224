using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Ui;

/// <summary>What is asked about the areas that are left to others is answered as by an MLflow where they are not set up.</summary>
public sealed class EmptyAreasTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Theory]
    [InlineData("GET", "/ajax-api/3.0/mlflow/assistant/config", """{"projects":{},"providers":{}}""")]
    [InlineData("GET", "/ajax-api/2.0/mlflow/gateway-proxy?gateway_path=api%2F2.0%2Fendpoints%2F", """{"endpoints":[]}""")]
    [InlineData("POST", "/ajax-api/2.0/mlflow/gateway-proxy", """{"endpoints":[]}""")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/gateway/secrets/config", """{"secrets_available":false,"using_default_passphrase":false}""")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/gateway/secrets/list", "{}")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/gateway/endpoints/list?provider=openai", "{}")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/gateway/endpoints/bindings/list", "{}")]
    [InlineData("GET", "/ajax-api/3.0/mlflow/gateway/model-definitions/list", "{}")]
    public async Task There_is_nothing(string method, string path, string expected)
    {
        var answer = await server.SendAsync(new HttpMethod(method), path, method == "POST" ? new { gateway_path = "x" } : null);

        Assert.Equal(200, answer.Status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), answer.Json), answer.Text);
    }

    [Theory]
    [InlineData("PUT", "/ajax-api/3.0/mlflow/assistant/config")]
    [InlineData("POST", "/ajax-api/3.0/mlflow/gateway/secrets/create")]
    [InlineData("POST", "/ajax-api/3.0/mlflow/gateway/endpoints/create")]
    public async Task Nothing_can_be_set_up(string method, string path)
    {
        var answer = await server.SendAsync(new HttpMethod(method), path, new { name = "x" });

        Assert.InRange(answer.Status, 404, 405);
    }
}

using System.Text.Json.Nodes;
using Xunit;

namespace ModelRegistry.Tests.Http;

/// <summary>How requests are read, case by case as measured on MLflow's server.</summary>
public sealed class RequestParsingTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string Api = "/api/2.0/mlflow/";
    private const string MissingName = "Missing value for required parameter 'name'. See the API docs for more information about request parameters.";
    private const string WrongType = "Bad Request. Content-Type must be one of ['application/json'].";

    [Theory]
    [InlineData(null, "Bad Request. Content-Type header is missing.")]
    [InlineData("text/plain", WrongType)]
    [InlineData("Application/JSON", WrongType)]
    [InlineData("application/json ; charset=utf-8", WrongType)]
    [InlineData("application/json;charset=utf-8", MissingName)]
    [InlineData("application/json; anything at all", MissingName)]
    public async Task Post_needs_the_content_type_of_json(string? type, string message)
    {
        var (status, text) = await SendAsync("POST", "experiments/create", "{}", type);

        Assert.Equal((400, message), (status, Message(text)));
    }

    [Theory]
    [InlineData("PATCH", "registered-models/update")]
    [InlineData("DELETE", "registered-models/delete")]
    public async Task Other_methods_do_not(string method, string path) =>
        Assert.Equal(404, (await SendAsync(method, path, """{"name": "nobody"}""", "text/plain")).Status);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{bad")]
    [InlineData("{\"name\": null}")]
    [InlineData("{\"name\": \"\"}")]
    [InlineData("\"{\\\"name\\\": \\\"\\\"}\"")]
    [InlineData("\uFEFF{\"name\": \"\"}")]
    public async Task What_is_no_object_counts_as_empty_and_empty_counts_as_missing(string body) =>
        Assert.Equal((400, MissingName), await RefusedAsync("experiments/create", body));

    [Fact]
    public async Task Json_inside_a_json_string_is_unpacked() =>
        Assert.Equal(200, (await SendAsync("POST", "experiments/create", "\"{\\\"name\\\": \\\"packed\\\"}\"")).Status);

    [Theory]
    [InlineData("[1, 2]", "array")]
    [InlineData("5", "number")]
    [InlineData("true", "boolean")]
    public async Task Other_json_is_refused_with_an_error_document(string body, string kind) =>
        Assert.Equal((400, $"Bad Request. The request body must be a JSON object, not a JSON {kind}."), await RefusedAsync("experiments/create", body));

    [Theory]
    [InlineData("experiments/create", """{"name": 5}""", "name", "5", "int")]
    [InlineData("experiments/create", """{"name": -0}""", "name", "0", "int")]
    [InlineData("experiments/create", """{"name": 1e3}""", "name", "1000.0", "float")]
    [InlineData("experiments/create", """{"name": 1.50}""", "name", "1.5", "float")]
    [InlineData("experiments/create", """{"name": 1e-7}""", "name", "1e-07", "float")]
    [InlineData("experiments/create", """{"name": 1.5e300}""", "name", "1.5e+300", "float")]
    [InlineData("experiments/create", """{"name": true}""", "name", "true", "bool")]
    [InlineData("experiments/create", """{"name": ["a"]}""", "name", """["a"]""", "list")]
    [InlineData("experiments/create", """{"name": {"b": 1, "a": [null, "é\"/"]}}""", "name", """{"a":[null,"\u00e9\"/"],"b":1}""", "dict")]
    [InlineData("experiments/create", """{"name": "zz", "tags": "abc"}""", "tags", "\"abc\"", "str")]
    [InlineData("registered-models/create", """{"description": 5}""", "name", "null", "NoneType")]
    [InlineData("runs/search", """{"experiment_ids": "0"}""", "experiment_ids", "\"0\"", "str")]
    [InlineData("runs/search", """{"experiment_ids": ["0"], "max_results": "abc"}""", "max_results", "\"abc\"", "str")]
    [InlineData("runs/search", """{"experiment_ids": ["0"], "max_results": 99999999999}""", "max_results", "99999999999", "int")]
    [InlineData("runs/search", """{"experiment_ids": ["0"], "max_results": 50001}""", "max_results", "50001", "int")]
    [InlineData("runs/search", """{"experiment_ids": ["0"], "max_results": "50001"}""", "max_results", "\"50001\"", "str")]
    public async Task A_wrong_value_is_quoted_as_python_prints_it(string path, string body, string field, string value, string type)
    {
        var expected = $"Invalid value {value} for parameter '{field}' supplied:  Hint: Value was of type '{type}'. See the API docs for more information about request parameters.";

        Assert.Equal((400, expected), await RefusedAsync(path, body));
    }

    [Theory]
    [InlineData("""{"experiment_ids": ["0"], "max_results": 5}""")]
    [InlineData("""{"experiment_ids": ["0"], "max_results": "5"}""")]
    [InlineData("""{"experiment_ids": ["0"], "max_results": 5.0}""")]
    [InlineData("""{"experiment_ids": ["0"], "max_results": 5.5}""")]
    [InlineData("""{"experiment_ids": ["0"], "max_results": true}""")]
    [InlineData("""{"experiment_ids": [0]}""")]
    [InlineData("""{"experiment_ids": ["0"], "run_view_type": "BOGUS"}""")]
    [InlineData("""{"experiment_ids": ["0"], "run_view_type": 77}""")]
    [InlineData("""{"experiment_ids": ["0"], "run_view_type": 3}""")]
    [InlineData("""{"experimentIds": ["0"], "maxResults": 1}""")]
    [InlineData("""{"experiment_ids": ["0"], "unknown": {"a": 1}}""")]
    public async Task What_mlflow_lets_pass_passes(string body) =>
        Assert.Equal((200, "{}"), await SendAsync("POST", "runs/search", body));

    [Fact]
    public async Task The_fields_in_front_of_a_wrong_one_are_kept()
    {
        await SendAsync("POST", "experiments/create", """{"name": "kept-1"}""");
        await SendAsync("POST", "experiments/create", """{"name": "kept-2"}""");

        var kept = await SendAsync("POST", "experiments/search", """{"max_results": 1, "order_by": [5], "filter": "name = 'nobody'"}""");

        Assert.Single(JsonNode.Parse(kept.Text)!["experiments"]!.AsArray());
    }

    [Theory]
    [InlineData("?experiment_id=0", null, 200)]
    [InlineData("?experiment_id=0&experiment_id=77", null, 200)]
    [InlineData("?experiment_id=77&experiment_id=0", null, 404)]
    [InlineData("", """{"experiment_id": "0"}""", 200)]
    [InlineData("", """{"experimentId": "0"}""", 200)]
    [InlineData("?x=1", """{"experiment_id": "0"}""", 400)]
    [InlineData("", null, 400)]
    [InlineData("?experiment_id=", null, 400)]
    public async Task Get_reads_the_query_or_else_the_body(string query, string? body, int status) =>
        Assert.Equal(status, (await SendAsync("GET", "experiments/get" + query, body)).Status);

    [Fact]
    public async Task A_number_above_its_maximum_is_quoted_as_the_text_that_a_query_holds()
    {
        var (status, text) = await SendAsync("GET", "registered-models/search?max_results=1001", null);

        Assert.Equal(400, status);
        Assert.StartsWith("Invalid value \"1001\" for parameter 'max_results' supplied:  Hint: Value was of type 'str'.", Message(text), StringComparison.Ordinal);
    }

    private async Task<(int, string?)> RefusedAsync(string path, string body)
    {
        var (status, text) = await SendAsync("POST", path, body);
        return (status, Message(text));
    }

    private async Task<(int Status, string Text)> SendAsync(string method, string path, string? body, string? type = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Api + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
            if (type is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var answer = await server.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string? Message(string text) => (string?)JsonNode.Parse(text)!["message"];
}

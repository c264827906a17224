using ModelRegistry.Server.Errors;
using ModelRegistry.Tests.Tracking;
using Xunit;

namespace ModelRegistry.Tests.ForeignClients;

/// <summary>What clients conclude from a status and an error document: R takes 200 alone for success, Go falls back on 404 and 501.</summary>
public sealed class StatusTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Every_write_to_the_registry_is_answered_with_200()
    {
        var name = TrackingCalls.UniqueName("model");
        (string Method, string Path, string Fields)[] writes =
        [
            ("POST", "registered-models/create", ""),
            ("PATCH", "registered-models/update", @", ""description"": ""d"""),
            ("POST", "registered-models/set-tag", @", ""key"": ""k"", ""value"": ""v"""),
            ("DELETE", "registered-models/delete-tag", @", ""key"": ""k"""),
            ("POST", "model-versions/create", @", ""source"": ""s3://b/m"""),
            ("PATCH", "model-versions/update", @", ""version"": ""1"", ""description"": ""d"""),
            ("POST", "model-versions/transition-stage", @", ""version"": ""1"", ""stage"": ""Staging"", ""archive_existing_versions"": false"),
            ("POST", "model-versions/set-tag", @", ""version"": ""1"", ""key"": ""k"", ""value"": ""v"""),
            ("DELETE", "model-versions/delete-tag", @", ""version"": ""1"", ""key"": ""k"""),
            ("POST", "registered-models/alias", @", ""alias"": ""a"", ""version"": ""1"""),
            ("DELETE", "registered-models/alias", @", ""alias"": ""a"""),
            ("DELETE", "model-versions/delete", @", ""version"": ""1"""),
            ("POST", "registered-models/rename", $@", ""new_name"": ""{name}-2"""),
        ];

        foreach (var (method, path, fields) in writes)
            await server.SucceedAsync(method, path, $$"""{"name": "{{name}}"{{fields}}}""");
        await server.SucceedAsync("DELETE", "registered-models/delete", $$"""{"name": "{{name}}-2"}""");
    }

    [Fact]
    public async Task Every_write_to_tracking_is_answered_with_200()
    {
        var experiment = await server.NewExperimentAsync();
        var run = await server.NewRunAsync(experiment);
        (string Path, string Fields)[] ofRun =
        [
            ("runs/log-metric", @", ""key"": ""m"", ""value"": 1, ""timestamp"": 1"),
            ("runs/log-parameter", @", ""key"": ""p"", ""value"": ""v"""),
            ("runs/set-tag", @", ""key"": ""t"", ""value"": ""v"""),
            ("runs/delete-tag", @", ""key"": ""t"""),
            ("runs/log-batch", @", ""params"": [{""key"": ""q"", ""value"": ""v""}]"),
            ("runs/update", @", ""status"": ""FINISHED"", ""end_time"": 2"),
            ("runs/delete", ""),
            ("runs/restore", ""),
        ];
        (string Path, string Fields)[] ofExperiment =
        [
            ("experiments/set-experiment-tag", @", ""key"": ""t"", ""value"": ""v"""),
            ("experiments/update", $@", ""new_name"": ""{TrackingCalls.UniqueName()}"""),
            ("experiments/delete", ""),
            ("experiments/restore", ""),
        ];

        foreach (var (path, fields) in ofRun)
            await server.SucceedAsync("POST", path, $$"""{"run_id": "{{run}}"{{fields}}}""");
        foreach (var (path, fields) in ofExperiment)
            await server.SucceedAsync("POST", path, $$"""{"experiment_id": "{{experiment}}"{{fields}}}""");
    }

    [Theory]
    [InlineData("GET", "registered-models/get?name=nobody", null, 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("GET", "runs/get?run_id=0123456789abcdef0123456789abcdef", null, 404, "RESOURCE_DOES_NOT_EXIST")]
    [InlineData("POST", "experiments/create", """{"name": "Default"}""", 400, "RESOURCE_ALREADY_EXISTS")]
    [InlineData("POST", "experiments/create", "{}", 400, "INVALID_PARAMETER_VALUE")]
    [InlineData("GET", "model-versions/search?filter=nonsense", null, 400, "INVALID_PARAMETER_VALUE")]
    public async Task An_error_is_a_json_document_of_code_and_message(string method, string path, string? body, int status, string code)
    {
        var answer = await server.RequestAsync(method, path, body);

        Assert.Equal((status, code), (answer.Status, answer.ErrorCode));
        Assert.Equal(["error_code", "message"], answer.Json.AsObject().Select(field => field.Key).Take(2));
        Assert.All(answer.Json.AsObject(), field => Assert.Equal(System.Text.Json.JsonValueKind.String, field.Value!.GetValueKind()));
        Assert.NotEmpty(answer.Message!);
    }

    [Theory]
    [InlineData("GET", "/api/3.0/mlflow/mcp-servers")]
    [InlineData("GET", "/api/2.0/mlflow/transition-requests/list?name=m&version=1")]
    [InlineData("POST", "/api/2.0/mlflow/registry-webhooks/create")]
    [InlineData("GET", "/api/2.0/mlflow/comments/get?id=1")]
    [InlineData("POST", "/api/2.0/mlflow/registered-models/set-alias")]
    [InlineData("GET", "/api/2.0/mlflow/registered-models/get-by-alias?name=m&alias=a")]
    [InlineData("POST", "/api/2.0/mlflow/webhooks/create")]
    public async Task Families_that_no_mlflow_server_has_are_not_found(string method, string path) =>
        Assert.InRange((await server.RequestAsync(method, path, method == "POST" ? "{}" : null)).Status, 404, 405);

    [Theory]
    [InlineData("POST", "/api/2.0/mlflow-artifacts/mpu/create/model", """{"path": "model.bin", "num_parts": 2}""")]
    [InlineData("POST", "/api/2.0/mlflow-artifacts/mpu/abort/model", """{"path": "model.bin", "upload_id": "u"}""")]
    [InlineData("GET", "/api/2.0/mlflow-artifacts/presigned/model/model.bin", null)]
    public async Task Transfers_past_the_server_are_not_implemented_so_that_clients_send_files_through_it(string method, string path, string? body)
    {
        var answer = await server.RequestAsync(method, path, body);

        Assert.Equal((501, "NOT_IMPLEMENTED"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task A_presigned_upload_to_a_run_behind_the_proxy_is_refused_and_the_plain_one_taken()
    {
        var run = await server.NewRunAsync();
        var root = (string)(await server.GetRunAsync(run))["info"]!["artifact_uri"]!;

        var presigned = await server.RequestAsync("POST", "artifacts/presigned-upload-url", $$"""{"run_id": "{{run}}", "path": "m.bin"}""");
        var plain = await server.RequestAsync("PUT", "/api/2.0/mlflow-artifacts/artifacts/" + root["mlflow-artifacts:/".Length..] + "/m.bin", "bytes");

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (presigned.Status, presigned.ErrorCode));
        Assert.Equal(200, plain.Status);
    }

    [Fact]
    public async Task What_was_written_can_be_read_at_once_and_what_was_deleted_is_gone()
    {
        for (var i = 0; i < 5; i++)
        {
            var name = await server.NewModelAsync();
            await server.SucceedAsync("GET", $"registered-models/get?name={name}");
            await server.SucceedAsync("DELETE", "registered-models/delete", $$"""{"name": "{{name}}"}""");
            Assert.Equal(404, (await server.RequestAsync("GET", $"registered-models/get?name={name}")).Status);
        }
    }

    [Fact]
    public async Task A_burst_of_searches_is_answered_without_a_server_error()
    {
        var experiment = await server.NewExperimentAsync();
        var run = await server.NewRunAsync(experiment);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => server.RequestAsync("POST", "runs/search", $$"""{"experiment_ids": ["{{experiment}}"]}""")));

        Assert.All(answers, answer => Assert.Equal((200, run), (answer.Status, (string?)answer.Json["runs"]![0]!["info"]!["run_id"])));
    }
}

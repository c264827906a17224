using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Tracking.TrackingSteps;

namespace ModelRegistry.Tests.Tracking;

public sealed class LoggedModelTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_new_model_is_pending_and_has_a_folder_below_its_experiment()
    {
        var experiment = await server.NewExperimentAsync();

        var model = (await OkAsync(server.PostAsync(
            "logged-models",
            new { experiment_id = experiment, name = "m", @params = new[] { new { key = "p", value = "1" } }, tags = new[] { new { key = "t", value = "2" } } })))["model"]!;

        var info = model["info"]!;
        var id = (string)info["model_id"]!;
        Assert.Matches("^m-[0-9a-f]{32}$", id);
        Assert.Equal("LOGGED_MODEL_PENDING", (string?)info["status"]);
        Assert.Equal($"mlflow-artifacts:/{experiment}/models/{id}/artifacts", (string?)info["artifact_uri"]);
        Assert.Equal("", (string?)info["model_type"]);
        Assert.Equal("""[{"key":"t","value":"2"}]""", info["tags"]!.ToJsonString());
        Assert.Equal("""{"params":[{"key":"p","value":"1"}]}""", model["data"]!.ToJsonString());
    }

    [Fact]
    public async Task A_model_without_a_name_is_given_one()
    {
        var model = await OkAsync(server.PostAsync("logged-models", new { experiment_id = "0" }));

        Assert.Matches("^[a-z]+-[a-z]+-[0-9]+$", (string)model["model"]!["info"]!["name"]!);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a.b")]
    [InlineData("50%")]
    [InlineData("a\"b")]
    public async Task Names_leave_out_what_has_a_meaning_in_URIs(string name)
    {
        var answer = await server.PostAsync("logged-models", new { experiment_id = "0", name });

        Assert.Equal(
            $"Invalid model name ('{name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")",
            answer.Message);
    }

    [Fact]
    public async Task Models_go_into_existing_active_experiments_only()
    {
        var experiment = await server.NewExperimentAsync();
        await OkAsync(server.PostAsync("experiments/delete", new { experiment_id = experiment }));

        var deleted = await server.PostAsync("logged-models", new { experiment_id = experiment });
        var unknown = await server.PostAsync("logged-models", new { experiment_id = "999999" });
        var none = await server.PostAsync("logged-models", new { name = "x" });

        Assert.Equal($"The experiment {experiment} must be in the 'active' state. Current state is deleted.", deleted.Message);
        Assert.Equal("No Experiment with id=999999 exists", unknown.Message);
        Assert.StartsWith("Missing value for required parameter 'experiment_id'.", none.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LOGGED_MODEL_READY", "LOGGED_MODEL_READY")]
    [InlineData(3, "LOGGED_MODEL_UPLOAD_FAILED")]
    [InlineData(0, "LOGGED_MODEL_STATUS_UNSPECIFIED")]
    public async Task A_status_is_given_by_name_or_number(object status, string expected)
    {
        var id = await server.NewModelAsync("0", "m");

        var model = await OkAsync(server.SendAsync(HttpMethod.Patch, $"logged-models/{id}", new { model_id = id, status }));

        Assert.Equal(expected, (string?)model["model"]!["info"]!["status"]);
    }

    [Fact]
    public async Task Finalizing_needs_the_id_in_the_body_and_a_known_status()
    {
        var id = await server.NewModelAsync("0", "m");

        var noId = await server.SendAsync(HttpMethod.Patch, $"logged-models/{id}", new { status = 2 });
        var noStatus = await server.SendAsync(HttpMethod.Patch, $"logged-models/{id}", new { model_id = id });
        var wrong = await server.SendAsync(HttpMethod.Patch, $"logged-models/{id}", new { model_id = id, status = "SOON" });

        Assert.StartsWith("Missing value for required parameter 'model_id'.", noId.Message, StringComparison.Ordinal);
        Assert.StartsWith("Missing value for required parameter 'status'.", noStatus.Message, StringComparison.Ordinal);
        Assert.StartsWith("Invalid value \"SOON\" for parameter 'status' supplied:", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_model_is_hidden_but_can_be_asked_for_tagged_and_deleted_again()
    {
        var id = await server.NewModelAsync("0", "m");
        await OkAsync(server.SendAsync(HttpMethod.Delete, $"logged-models/{id}"));

        var hidden = await server.GetAsync($"logged-models/{id}");
        await OkAsync(server.SendAsync(HttpMethod.Patch, $"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value = "1" } } }));
        await OkAsync(server.SendAsync(HttpMethod.Delete, $"logged-models/{id}"));
        var shown = await OkAsync(server.GetAsync($"logged-models/{id}?allow_deleted=True"));

        Assert.Equal(404, hidden.Status);
        Assert.Equal($"Logged model with ID '{id}' not found.", hidden.Message);
        Assert.Equal("t", (string?)shown["model"]!["info"]!["tags"]![0]!["key"]);
    }

    [Fact]
    public async Task Tags_are_replaced_and_can_be_deleted_once()
    {
        var id = await server.NewModelAsync("0", "m");
        foreach (var value in new[] { "1", "2" })
            await OkAsync(server.SendAsync(HttpMethod.Patch, $"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value }, new { key = "u", value } } }));
        await OkAsync(server.SendAsync(HttpMethod.Delete, $"logged-models/{id}/tags/u"));

        var again = await server.SendAsync(HttpMethod.Delete, $"logged-models/{id}/tags/u");
        var model = await OkAsync(server.GetAsync($"logged-models/{id}"));

        Assert.Equal($"No tag with key 'u' found for model with ID '{id}'.", again.Message);
        Assert.Equal("""[{"key":"t","value":"2"}]""", model["model"]!["info"]!["tags"]!.ToJsonString());
    }

    [Fact]
    public async Task Parameters_are_written_once()
    {
        var id = await server.NewModelAsync("0", "m");
        var body = new { model_id = id, @params = new[] { new { key = "p", value = "1" } } };
        await OkAsync(server.PostAsync($"logged-models/{id}/params", body));

        var again = await server.PostAsync($"logged-models/{id}/params", body);
        var noId = await server.PostAsync($"logged-models/{id}/params", new { body.@params });

        Assert.Equal("BAD_REQUEST", again.ErrorCode);
        Assert.StartsWith("Missing value for required parameter 'model_id'.", noId.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_point_logged_for_a_model_is_among_its_metrics()
    {
        var run = await server.NewRunAsync("0");
        var id = await server.NewModelAsync("0", "m");
        await server.LogAsync(run, new { key = "acc", value = 0.5, timestamp = 1, step = 1, model_id = id, dataset_name = "d", dataset_digest = "x" });
        await server.LogAsync(run, new { key = "acc", value = 0.7, timestamp = 2, step = 2, model_id = id });

        var metrics = (await OkAsync(server.GetAsync($"logged-models/{id}")))["model"]!["data"]!["metrics"]!.AsArray();

        Assert.Equal(2, metrics.Count);
        var first = metrics.Single(metric => (long)metric!["step"]! == 1)!;
        Assert.Equal(["d", "x", id, run], [(string)first["dataset_name"]!, (string)first["dataset_digest"]!, (string)first["model_id"]!, (string)first["run_id"]!]);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Ui.PromptLab;

/// <summary>Keeps what somebody tried in the UI's prompt lab as a finished run with a model.</summary>
internal sealed partial class PromptLabEndpoint(RpcCalls calls, RunArtifactWriter artifacts, TimeProvider time, ILogger<PromptLabEndpoint> logger)
{
    private const string LoggedArtifacts = $$"""[{"path": "{{PromptLabFiles.Table}}", "type": "table"}]""";

    public void Map(RpcRoutes rpc) =>
        rpc.Post<CreatePromptLabRunRequest, JsonObject>("runs/create-promptlab-run", CreateAsync, ApiVersion.AjaxV2)
            .RequirePermission(Permission.Edit, Resource.Experiment);

    /// <remarks>Once there is a run it is finished, whether the caller waits or not.</remarks>
    /// <summary>Creates a run of a prompt that was tried out on the web pages.</summary>
    private async Task<JsonObject> CreateAsync(CreatePromptLabRunRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var created = await CallAsync("runs/create", NewRun(request), context);
        var runId = (string)created["run"]!["info"]!["run_id"]!;
        var status = await TryFillAsync(runId, request, context) ? "FINISHED" : "FAILED";
        await CallAsync("runs/update", new() { ["run_id"] = runId, ["status"] = status, ["end_time"] = Now() }, context);
        return await calls.InvokeAsync("GET", "mlflow/runs/get", new() { ["run_id"] = runId }, context, CancellationToken.None);
    }

    private JsonObject NewRun(CreatePromptLabRunRequest request)
    {
        var run = new JsonObject
        {
            ["experiment_id"] = request.ExperimentId,
            ["user_id"] = request.UserId ?? "unknown",
            ["start_time"] = request.StartTime ?? Now(),
            ["tags"] = Pairs(request.Tags),
        };
        if (request.RunName is not null)
            run["run_name"] = request.RunName;
        return run;
    }

    /// <returns>Whether the run has all it should have. If not it stays, as a failed one, and the log says why.</returns>
    private async Task<bool> TryFillAsync(string runId, CreatePromptLabRunRequest request, RequestContext context)
    {
        try
        {
            await FillAsync(runId, request, context);
            return true;
        }
        catch (Exception e)
        {
            LogFailure(e, runId);
            return false;
        }
    }

    private async Task FillAsync(string runId, CreatePromptLabRunRequest request, RequestContext context)
    {
        var parameters = Pairs(request.ModelParameters);
        parameters.Add(Pair("model_route", request.ModelRoute!));
        parameters.Add(Pair("prompt_template", request.PromptTemplate!));
        var tags = new JsonArray(Pair("mlflow.loggedArtifacts", LoggedArtifacts), Pair("mlflow.runSourceType", "PROMPT_ENGINEERING"));
        await CallAsync("runs/log-batch", new() { ["run_id"] = runId, ["params"] = parameters, ["tags"] = tags }, context);

        var files = new PromptLabFiles(runId, time.GetUtcNow(), request);
        await CallAsync("runs/log-model", new() { ["run_id"] = runId, ["model_json"] = files.ModelInfo().ToJsonString() }, context);
        await artifacts.WriteAsync(context.Workspace, runId, files.All(), CancellationToken.None);
    }

    private Task<JsonObject> CallAsync(string path, JsonObject body, RequestContext context) =>
        calls.InvokeAsync("POST", $"mlflow/{path}", body, context, CancellationToken.None);

    private static JsonArray Pairs(List<PromptLabPair>? pairs) =>
        [.. (pairs ?? []).Select(pair => Pair(pair.Key ?? "", pair.Text))];

    private static JsonObject Pair(string key, string value) => new() { ["key"] = key, ["value"] = value };

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(1, LogLevel.Warning, "The prompt lab run {RunId} could not be completed and is marked as failed")]
    private partial void LogFailure(Exception exception, string runId);
}

internal sealed record CreatePromptLabRunRequest : ICheckedRequest
{
    public string? ExperimentId { get; set; }

    public string? RunName { get; set; }

    public List<PromptLabPair>? Tags { get; set; }

    public string? PromptTemplate { get; set; }

    public List<PromptLabPair>? PromptParameters { get; set; }

    public string? ModelRoute { get; set; }

    public List<PromptLabPair>? ModelParameters { get; set; }

    public string? ModelInput { get; set; }

    public string? ModelOutput { get; set; }

    public List<PromptLabPair>? ModelOutputParameters { get; set; }

    public string? MlflowVersion { get; set; }

    public string? UserId { get; set; }

    public long? StartTime { get; set; }

    public void Check()
    {
        Require(!string.IsNullOrEmpty(ExperimentId), "experiment_id");
        Require(!string.IsNullOrEmpty(PromptTemplate), "prompt_template");
        Require(PromptParameters is { Count: > 0 }, "prompt_parameters");
        Require(!string.IsNullOrEmpty(ModelRoute), "model_route");
        Require(!string.IsNullOrEmpty(ModelInput), "model_input");
        Require(!string.IsNullOrEmpty(MlflowVersion), "mlflow_version");
    }

    private static void Require(bool isThere, string name)
    {
        if (!isThere)
            throw ApiException.Invalid($"CreatePromptlabRun request must specify {name}.");
    }
}

/// <summary>A parameter or tag; values may be anything that JSON has.</summary>
internal sealed record PromptLabPair
{
    public string? Key { get; set; }

    public JsonElement Value { get; set; }

    /// <summary>The value as Python's <c>str</c> gives it.</summary>
    public string Text => Value.ValueKind switch
    {
        JsonValueKind.String => Value.GetString()!,
        JsonValueKind.Undefined => "None",
        _ => PythonText.Repr(Value),
    };
}

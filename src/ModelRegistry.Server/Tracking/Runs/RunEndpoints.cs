using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Tracking.Experiments;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Calls that concern a run as a whole.</summary>
internal sealed class RunEndpoints(RunStore runs)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateRunRequest, RunResponse>("runs/create", CreateAsync).RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<GetRunRequest, RunResponse>("runs/get", GetAsync).RequirePermission(Permission.Read, Resource.Run);
        rpc.Post<UpdateRunRequest, UpdateRunResponse>("runs/update", UpdateAsync).RequirePermission(Permission.Edit, Resource.Run);
        rpc.Post<RunIdRequest, EmptyResponse>("runs/delete", DeleteAsync).RequirePermission(Permission.Manage, Resource.Run);
        rpc.Post<RunIdRequest, EmptyResponse>("runs/restore", RestoreAsync).RequirePermission(Permission.Manage, Resource.Run);
    }

    /// <summary>Creates a run.</summary>
    private async Task<RunResponse> CreateAsync(CreateRunRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.ExperimentId))
            throw ApiException.BadRequest("A run belongs to an experiment: experiment_id is missing.");
        var tags = (request.Tags ?? []).Select(tag => new RunTagRow { Key = tag.Key ?? "", Value = tag.Value ?? "" }).ToList();
        var name = ChooseName(request.RunName, tags);
        var run = new NewRun(ExperimentRules.ParseId(request.ExperimentId), name, request.UserId ?? "", request.StartTime ?? 0, tags);
        var row = await runs.CreateAsync(context.Caller, run, cancellationToken);
        var data = RunDataBody.Empty();
        data.Tags.AddRange(tags.Select(tag => new RunTagBody(tag.Key, tag.Value)));
        return new RunResponse(new RunBody(RunInfoBody.From(row), data, RunInputsBody.Empty, Outputs: null));
    }

    /// <summary>One run with its metrics, parameters, tags and inputs.</summary>
    private async Task<RunResponse> GetAsync(GetRunRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(await runs.GetAsync(context.Workspace, request.RunId!, cancellationToken));

    /// <summary>Changes the status, end time or name of a run.</summary>
    private async Task<UpdateRunResponse> UpdateAsync(UpdateRunRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var row = await runs.UpdateAsync(context.Caller, request.RunId!, request.Status, request.EndTime, request.RunName, cancellationToken);
        return new UpdateRunResponse(RunInfoBody.From(row));
    }

    /// <summary>Marks a run as deleted; it can be restored.</summary>
    private async Task<EmptyResponse> DeleteAsync(RunIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await runs.DeleteAsync(context.Caller, request.RunId, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>Restores a deleted run.</summary>
    private async Task<EmptyResponse> RestoreAsync(RunIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await runs.RestoreAsync(context.Caller, request.RunId, cancellationToken);
        return EmptyResponse.Instance;
    }

    /// <summary>The name from the request, else from its tag, else a new one; afterwards the tags hold it.</summary>
    private static string ChooseName(string? given, List<RunTagRow> tags)
    {
        var tag = tags.Find(tag => tag.Key == RunTagStore.RunName)?.Value;
        if (!string.IsNullOrEmpty(given) && !string.IsNullOrEmpty(tag) && given != tag)
        {
            throw ApiException.Invalid(
                $"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='{given}', mlflow.runName='{tag}').");
        }

        var name = !string.IsNullOrEmpty(given) ? given : !string.IsNullOrEmpty(tag) ? tag : RunNames.Next();
        if (string.IsNullOrEmpty(tag))
            tags.Add(new RunTagRow { Key = RunTagStore.RunName, Value = name });
        return name;
    }
}

internal sealed record CreateRunRequest
{
    [Must(Be.Text)]
    public string? ExperimentId { get; set; }

    public string? UserId { get; set; }

    [Must(Be.Integer)]
    public long? StartTime { get; set; }

    [Must(Be.Text)]
    public string? RunName { get; set; }

    public List<RunTagInput>? Tags { get; set; }
}

internal sealed record RunTagInput
{
    public string? Key { get; set; }

    public string? Value { get; set; }
}

internal sealed record RunIdRequest
{
    [Must(Be.Text | Be.Required)]
    public string RunId { get; set; } = null!;
}

internal sealed record GetRunRequest
{
    [Must(Be.Text | Be.Required)]
    public string? RunId { get; set; }

    /// <summary>The older name of <see cref="RunId"/>, which wins when both are sent.</summary>
    public string? RunUuid { get => null; set => RunId ??= value; }
}

internal sealed record UpdateRunRequest
{
    [Must(Be.Text | Be.Required)]
    public string? RunId { get; set; }

    /// <inheritdoc cref="GetRunRequest.RunUuid"/>
    public string? RunUuid { get => null; set => RunId ??= value; }

    [Must(Be.Integer)]
    public long? EndTime { get; set; }

    public RunStatus? Status { get; set; }

    [Must(Be.Text)]
    public string? RunName { get; set; }
}

internal sealed record RunResponse(RunBody Run);

internal sealed record UpdateRunResponse(RunInfoBody RunInfo);

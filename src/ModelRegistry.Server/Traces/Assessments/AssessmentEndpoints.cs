using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Traces.Assessments;

/// <summary>Feedback, expectations and issues on traces.</summary>
internal sealed class AssessmentEndpoints(AssessmentStore assessments, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Map(RpcRoutes rpc)
    {
        const string one = "traces/{trace_id}/assessments/{assessment_id}";
        rpc.Post<CreateAssessmentRequest, AssessmentResponse>("traces/{trace_id}/assessments", CreateAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<AssessmentIdRequest, AssessmentResponse>(one, GetAsync, ApiVersion.V3).RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Patch<UpdateAssessmentRequest, AssessmentResponse>(one, UpdateAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Delete<AssessmentIdRequest, EmptyResponse>(one, DeleteAsync, ApiVersion.V3).RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Adds feedback, an expectation or an issue to a trace.</summary>
    private async Task<AssessmentResponse> CreateAsync(CreateAssessmentRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var row = (request.Assessment ?? new AssessmentInput()).ToRow(request.TraceId!, Now);
        await assessments.CreateAsync(context.Caller, row, cancellationToken);
        return new AssessmentResponse(AssessmentBody.From(row));
    }

    /// <summary>One assessment of a trace.</summary>
    private async Task<AssessmentResponse> GetAsync(AssessmentIdRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(AssessmentBody.From(await assessments.GetAsync(context.Workspace, request.TraceId!, request.AssessmentId!, cancellationToken)));

    /// <summary>Changes the named fields of an assessment.</summary>
    private async Task<AssessmentResponse> UpdateAsync(UpdateAssessmentRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var change = new AssessmentChange(request.Assessment ?? new AssessmentInput(), request.UpdateMask ?? "");
        var row = await assessments.UpdateAsync(
            context.Caller, request.TraceId!, request.AssessmentId!, current => change.Apply(current, Now), cancellationToken);
        return new AssessmentResponse(AssessmentBody.From(row));
    }

    /// <summary>Deletes an assessment of a trace.</summary>
    private async Task<EmptyResponse> DeleteAsync(AssessmentIdRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await assessments.DeleteAsync(context.Caller, request.TraceId!, request.AssessmentId!, cancellationToken);
        return EmptyResponse.Instance;
    }
}

internal sealed record CreateAssessmentRequest
{
    public string? TraceId { get; set; }

    [Must(Be.Required)]
    public AssessmentInput? Assessment { get; set; }
}

internal sealed record AssessmentIdRequest
{
    public string? TraceId { get; set; }

    public string? AssessmentId { get; set; }
}

internal sealed record UpdateAssessmentRequest
{
    public string? TraceId { get; set; }

    public string? AssessmentId { get; set; }

    [Must(Be.Required)]
    public AssessmentInput? Assessment { get; set; }

    /// <summary>lowerCamelCase names with commas between.</summary>
    [Must(Be.Required)]
    public string UpdateMask { get; set; } = null!;
}

internal sealed record AssessmentResponse(AssessmentBody Assessment);

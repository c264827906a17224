using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Evaluation;

/// <summary>Registered scorers: kept and handed out here, run by clients.</summary>
internal sealed class ScorerEndpoints(ScorerStore store)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<RegisterScorerRequest, RegisterScorerResponse>("scorers/register", RegisterAsync, ApiVersion.V3)
            .RequirePermission(Permission.Edit, Resource.Experiment);
        rpc.Get<ListScorersRequest, ScorersResponse>("scorers/list", ListAsync, ApiVersion.V3).RequirePermission(Permission.Read, Resource.Experiment);
        rpc.Get<ListScorerVersionsRequest, ScorersResponse>("scorers/versions", ListVersionsAsync, ApiVersion.V3)
            .RequirePermission(Permission.Read, Resource.Scorer);
        rpc.Get<ScorerVersionRequest, ScorerResponse>("scorers/get", GetAsync, ApiVersion.V3).RequirePermission(Permission.Read, Resource.Scorer);
        rpc.Delete<ScorerVersionRequest, EmptyResponse>("scorers/delete", DeleteAsync, ApiVersion.V3).RequirePermission(Permission.Manage, Resource.Scorer);
    }

    /// <summary>Registers a version of a scorer with an experiment.</summary>
    private async Task<RegisterScorerResponse> RegisterAsync(
        RegisterScorerRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        ScorerContent.Check(request.Name, ScorerContent.Parse(request.SerializedScorer));
        var row = await store.RegisterAsync(context.Caller, request.ExperimentId, request.Name, request.SerializedScorer, cancellationToken);
        return RegisterScorerResponse.From(row);
    }

    /// <summary>The newest version of each scorer of an experiment.</summary>
    private async Task<ScorersResponse> ListAsync(ListScorersRequest request, RequestContext context, CancellationToken cancellationToken) =>
        Answer(await store.ListAsync(context.Workspace, request.ExperimentId, cancellationToken));

    /// <summary>All versions of a scorer.</summary>
    private async Task<ScorersResponse> ListVersionsAsync(
        ListScorerVersionsRequest request, RequestContext context, CancellationToken cancellationToken) =>
        Answer(await store.ListVersionsAsync(context.Workspace, request.ExperimentId, request.Name, cancellationToken));

    /// <summary>One version of a scorer; the newest when none is named.</summary>
    private async Task<ScorerResponse> GetAsync(ScorerVersionRequest request, RequestContext context, CancellationToken cancellationToken) =>
        new(ScorerBody.From(await store.GetAsync(context.Workspace, request.ExperimentId, request.Name, request.Version, cancellationToken)));

    /// <summary>Deletes a version of a scorer, or all of them.</summary>
    private async Task<EmptyResponse> DeleteAsync(ScorerVersionRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(context.Caller, request.ExperimentId, request.Name, request.Version, cancellationToken);
        return EmptyResponse.Instance;
    }

    private static ScorersResponse Answer(List<ScorerVersionRow> rows) => new([.. rows.Select(ScorerBody.Listed)]);
}

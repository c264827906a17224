using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Registry;

/// <summary>The <c>registered-models</c> calls that concern the model itself.</summary>
internal sealed class RegisteredModelEndpoints(RegisteredModelStore models)
{
    public void Map(RpcRoutes rpc)
    {
        rpc.Post<CreateRegisteredModelRequest, RegisteredModelResponse>("registered-models/create", CreateAsync)
            .RequirePermission(Permission.Authenticated, Resource.RegisteredModel);
    }

    private async Task<RegisteredModelResponse> CreateAsync(
        CreateRegisteredModelRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var row = await models.CreateAsync(context, request.Name!, request.Description, cancellationToken);
        return new RegisteredModelResponse(RegisteredModelBody.From(row));
    }
}

internal sealed record CreateRegisteredModelRequest
{
    [Must(Be.Text | Be.Required)]
    public string? Name { get; set; }

    [Must(Be.Text)]
    public string? Description { get; set; }
}

internal sealed record RegisteredModelResponse(RegisteredModelBody RegisteredModel);

internal sealed record RegisteredModelBody(string Name, long CreationTimestamp, long LastUpdatedTimestamp, string? Description)
{
    public static RegisteredModelBody From(RegisteredModelRow row) =>
        new(row.Name, row.CreationTime, row.LastUpdatedTime, row.Description is "" ? null : row.Description);
}

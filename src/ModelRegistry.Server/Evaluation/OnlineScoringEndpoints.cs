using System.Globalization;
using System.Text.Json;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>
/// How scorers are to be run on new traces. Running them needs a gateway, which this server has not; what can be set without one, a rate of
/// zero, can be set here.
/// </summary>
internal sealed class OnlineScoringEndpoints(OnlineScoringStore store)
{
    public void Map(RpcRoutes rpc)
    {
        EvaluationDatasetEndpoints.Open(rpc.Get<GetOnlineConfigsRequest, OnlineConfigsResponse>("scorers/online-configs", ListAsync, ApiVersion.V3));
        EvaluationDatasetEndpoints.Open(rpc.Put<SetOnlineConfigRequest, OnlineConfigResponse>("scorers/online-config", SetAsync, ApiVersion.V3));
    }

    /// <summary>How the named scorers score new traces.</summary>
    private async Task<OnlineConfigsResponse> ListAsync(GetOnlineConfigsRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(context.Workspace, request.ScorerIds, cancellationToken);
        return new OnlineConfigsResponse([.. rows.Select(OnlineConfigBody.From)]);
    }

    /// <summary>Sets how a scorer scores new traces.</summary>
    private async Task<OnlineConfigResponse> SetAsync(SetOnlineConfigRequest request, RequestContext context, CancellationToken cancellationToken)
    {
        var filter = FilterOf(request.FilterString);
        var rate = RateOf(request.SampleRate!.Value);
        var row = await store.SetAsync(context.Caller, request.ExperimentId, request.Name, rate, filter, cancellationToken);
        return new OnlineConfigResponse(OnlineConfigBody.From(row));
    }

    private static string? FilterOf(JsonElement? value) => value?.ValueKind switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.String => value.Value.GetString(),
        _ => throw ApiException.Invalid(
            $"Invalid value {PythonText.Repr(value.Value)} for parameter 'filter_string' supplied: Value was of type '{PythonText.TypeName(value)}'."
            + " Expected type 'str' or None."),
    };

    private static double RateOf(JsonElement value)
    {
        var rate = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetDouble(),
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.String when value.GetString() == "" => throw ApiException.Missing("sample_rate"),
            JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw ApiException.Invalid($"sample_rate must be a number, got {PythonText.TypeName(value)}"),
        };
        return rate is >= 0 and <= 1
            ? rate
            : throw ApiException.Invalid($"sample_rate must be between 0.0 and 1.0, got {PythonText.Repr(rate)}");
    }
}

internal sealed record GetOnlineConfigsRequest
{
    [Must(Be.Required | Be.List | Be.ListOfText)]
    public List<string> ScorerIds { get; set; } = null!;
}

internal sealed record SetOnlineConfigRequest
{
    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Required)]
    public JsonElement? SampleRate { get; set; }

    public JsonElement? FilterString { get; set; }
}

internal sealed record OnlineConfigBody(string OnlineScoringConfigId, string ScorerId, double SampleRate, string ExperimentId, string? FilterString)
{
    public static OnlineConfigBody From(OnlineConfigRow row) => new(
        row.OnlineScoringConfigId, row.ScorerId, row.SampleRate, row.ExperimentId.ToString(CultureInfo.InvariantCulture), row.FilterString);
}

/// <param name="Configs">Told also when there are none, unlike the lists of other answers.</param>
internal sealed record OnlineConfigsResponse(IReadOnlyList<OnlineConfigBody> Configs);

internal sealed record OnlineConfigResponse(OnlineConfigBody Config);

using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Evaluation;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Traces;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Webhooks;
using ModelRegistry.Server.Workspaces;
using ModelRegistry.Server.Ui.GraphQl;
using ModelRegistry.Server.Ui.PromptLab;

namespace ModelRegistry.Server.Http;

/// <summary>
/// The JSON of every call: snake_case out, camelCase also in, unset fields and empty lists absent.
/// The one file of this folder that knows wire records of the slices.
/// </summary>
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(EmptyResponse))]
[JsonSerializable(typeof(RawJson))]
[JsonSerializable(typeof(ServerInfoResponse))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(long))]
// Artifacts
[JsonSerializable(typeof(AbortMultipartRequest))]
[JsonSerializable(typeof(CompleteMultipartRequest))]
[JsonSerializable(typeof(CreateMultipartRequest))]
[JsonSerializable(typeof(CreateMultipartResponse))]
[JsonSerializable(typeof(ListArtifactsResponse))]
[JsonSerializable(typeof(ListModelArtifactsRequest))]
[JsonSerializable(typeof(ListProxyRequest))]
[JsonSerializable(typeof(ListRunArtifactsRequest))]
[JsonSerializable(typeof(ManifestRequest))]
[JsonSerializable(typeof(ManifestResponse))]
[JsonSerializable(typeof(PresignedDownloadResponse))]
[JsonSerializable(typeof(PresignedRequest))]
[JsonSerializable(typeof(PresignedUploadResponse))]
[JsonSerializable(typeof(ProxiedDownloadResponse))]
[JsonSerializable(typeof(CreateRegisteredModelRequest))]
[JsonSerializable(typeof(RegisteredModelResponse))]
// Datasets and metric histories
[JsonSerializable(typeof(GetMetricHistoryBulkRequest))]
[JsonSerializable(typeof(GetMetricHistoryIntervalRequest))]
[JsonSerializable(typeof(GetMetricHistoryRequest))]
[JsonSerializable(typeof(MetricHistoryBulkResponse))]
[JsonSerializable(typeof(MetricHistoryIntervalResponse))]
[JsonSerializable(typeof(MetricHistoryResponse))]
[JsonSerializable(typeof(SearchDatasetsRequest))]
[JsonSerializable(typeof(SearchDatasetsResponse))]
// Evaluation datasets
[JsonSerializable(typeof(CreateEvaluationDatasetRequest))]
[JsonSerializable(typeof(DatasetRecordsResponse))]
[JsonSerializable(typeof(DeleteDatasetRecordsRequest))]
[JsonSerializable(typeof(DeleteDatasetRecordsResponse))]
[JsonSerializable(typeof(DeleteDatasetTagRequest))]
[JsonSerializable(typeof(EvaluationDatasetExperimentsRequest))]
[JsonSerializable(typeof(EvaluationDatasetExperimentsResponse))]
[JsonSerializable(typeof(EvaluationDatasetIdRequest))]
[JsonSerializable(typeof(EvaluationDatasetResponse))]
[JsonSerializable(typeof(EvaluationDatasetsResponse))]
[JsonSerializable(typeof(GetDatasetRecordsRequest))]
[JsonSerializable(typeof(SearchEvaluationDatasetsRequest))]
[JsonSerializable(typeof(SetDatasetTagsRequest))]
[JsonSerializable(typeof(UpsertDatasetRecordsRequest))]
[JsonSerializable(typeof(UpsertDatasetRecordsResponse))]
// Inputs and outputs of runs
[JsonSerializable(typeof(LogInputsRequest))]
[JsonSerializable(typeof(LogOutputsRequest))]
[JsonSerializable(typeof(RunInputs))]
// MLflow's web pages
[JsonSerializable(typeof(CreatePromptLabRunRequest))]
[JsonSerializable(typeof(GraphQlRequest))]
// Experiments and runs
[JsonSerializable(typeof(CreateExperimentRequest))]
[JsonSerializable(typeof(CreateExperimentResponse))]
[JsonSerializable(typeof(CreateRunRequest))]
[JsonSerializable(typeof(DeleteExperimentTagRequest))]
[JsonSerializable(typeof(DeleteTagRequest))]
[JsonSerializable(typeof(ExperimentIdRequest))]
[JsonSerializable(typeof(ExperimentResponse))]
[JsonSerializable(typeof(ExperimentsResponse))]
[JsonSerializable(typeof(GetExperimentByNameRequest))]
[JsonSerializable(typeof(GetRunRequest))]
[JsonSerializable(typeof(ListExperimentsRequest))]
[JsonSerializable(typeof(LogBatchRequest))]
[JsonSerializable(typeof(LogMetricRequest))]
[JsonSerializable(typeof(LogModelRequest))]
[JsonSerializable(typeof(LogPairRequest))]
[JsonSerializable(typeof(RunIdRequest))]
[JsonSerializable(typeof(RunResponse))]
[JsonSerializable(typeof(SearchExperimentsRequest))]
[JsonSerializable(typeof(SearchRunsRequest))]
[JsonSerializable(typeof(SearchRunsResponse))]
[JsonSerializable(typeof(SetExperimentTagRequest))]
[JsonSerializable(typeof(UpdateExperimentRequest))]
[JsonSerializable(typeof(UpdateRunRequest))]
[JsonSerializable(typeof(UpdateRunResponse))]
// Registry
[JsonSerializable(typeof(CreateModelVersionRequest))]
[JsonSerializable(typeof(CreateRegisteredModelRequest))]
[JsonSerializable(typeof(DeleteAliasRequest))]
[JsonSerializable(typeof(DeleteModelVersionTagRequest))]
[JsonSerializable(typeof(DeleteRegisteredModelTagRequest))]
[JsonSerializable(typeof(DownloadUriResponse))]
[JsonSerializable(typeof(GetByAliasRequest))]
[JsonSerializable(typeof(GetDownloadUriRequest))]
[JsonSerializable(typeof(GetLatestVersionsRequest))]
[JsonSerializable(typeof(ListRegisteredModelsRequest))]
[JsonSerializable(typeof(ModelVersionRequest))]
[JsonSerializable(typeof(ModelVersionResponse))]
[JsonSerializable(typeof(ModelVersionsResponse))]
[JsonSerializable(typeof(RegisteredModelRequest))]
[JsonSerializable(typeof(RegisteredModelResponse))]
[JsonSerializable(typeof(RegisteredModelsResponse))]
[JsonSerializable(typeof(RenameRegisteredModelRequest))]
[JsonSerializable(typeof(SearchModelVersionsRequest))]
[JsonSerializable(typeof(SearchRegisteredModelsRequest))]
[JsonSerializable(typeof(SetAliasRequest))]
[JsonSerializable(typeof(SetModelVersionTagRequest))]
[JsonSerializable(typeof(SetRegisteredModelTagRequest))]
[JsonSerializable(typeof(TransitionStageRequest))]
[JsonSerializable(typeof(UpdateModelVersionRequest))]
[JsonSerializable(typeof(UpdateRegisteredModelRequest))]
// Issues
[JsonSerializable(typeof(CreateIssueRequest))]
[JsonSerializable(typeof(IssueIdRequest))]
[JsonSerializable(typeof(IssueResponse))]
[JsonSerializable(typeof(IssuesResponse))]
[JsonSerializable(typeof(SearchIssuesRequest))]
[JsonSerializable(typeof(UpdateIssueRequest))]
// Scorers
[JsonSerializable(typeof(GetOnlineConfigsRequest))]
[JsonSerializable(typeof(ListScorersRequest))]
[JsonSerializable(typeof(ListScorerVersionsRequest))]
[JsonSerializable(typeof(OnlineConfigResponse))]
[JsonSerializable(typeof(OnlineConfigsResponse))]
[JsonSerializable(typeof(RegisterScorerRequest))]
[JsonSerializable(typeof(RegisterScorerResponse))]
[JsonSerializable(typeof(ScorerResponse))]
[JsonSerializable(typeof(ScorersResponse))]
[JsonSerializable(typeof(ScorerVersionRequest))]
[JsonSerializable(typeof(SetOnlineConfigRequest))]
// Logged models
[JsonSerializable(typeof(CreateLoggedModelRequest))]
[JsonSerializable(typeof(DeleteLoggedModelTagRequest))]
[JsonSerializable(typeof(FinalizeLoggedModelRequest))]
[JsonSerializable(typeof(GetLoggedModelRequest))]
[JsonSerializable(typeof(LoggedModelIdRequest))]
[JsonSerializable(typeof(LoggedModelResponse))]
[JsonSerializable(typeof(LogLoggedModelParamsRequest))]
[JsonSerializable(typeof(SearchLoggedModelsRequest))]
[JsonSerializable(typeof(SearchLoggedModelsResponse))]
[JsonSerializable(typeof(SetLoggedModelTagsRequest))]
// Traces
[JsonSerializable(typeof(AssessmentIdRequest))]
[JsonSerializable(typeof(AssessmentResponse))]
[JsonSerializable(typeof(CorrelationRequest))]
[JsonSerializable(typeof(CorrelationResponse))]
[JsonSerializable(typeof(CreateAssessmentRequest))]
[JsonSerializable(typeof(DeleteTraceTagRequest))]
[JsonSerializable(typeof(DeleteTracesRequest))]
[JsonSerializable(typeof(DeleteTracesResponse))]
[JsonSerializable(typeof(EndTraceV2Request))]
[JsonSerializable(typeof(GetTraceRequest))]
[JsonSerializable(typeof(LinkPromptsRequest))]
[JsonSerializable(typeof(LinkTracesRequest))]
[JsonSerializable(typeof(OtlpProblemsBody))]
[JsonSerializable(typeof(OtlpRefusalBody))]
[JsonSerializable(typeof(RequestIdRequest))]
[JsonSerializable(typeof(SearchTracesRequest))]
[JsonSerializable(typeof(SearchTracesResponse))]
[JsonSerializable(typeof(SearchTracesV2Request))]
[JsonSerializable(typeof(SearchTracesV2Response))]
[JsonSerializable(typeof(SetTraceTagRequest))]
[JsonSerializable(typeof(StartTraceRequest))]
[JsonSerializable(typeof(StartTraceV2Request))]
[JsonSerializable(typeof(TraceIdRequest))]
[JsonSerializable(typeof(TraceIdsRequest))]
[JsonSerializable(typeof(TraceInfoV2Response))]
[JsonSerializable(typeof(TraceInfosResponse))]
[JsonSerializable(typeof(TraceMetricsRequest))]
[JsonSerializable(typeof(TraceMetricsResponse))]
[JsonSerializable(typeof(TraceResponse))]
[JsonSerializable(typeof(TracesResponse))]
[JsonSerializable(typeof(UpdateAssessmentRequest))]
// Webhooks
[JsonSerializable(typeof(CreateWebhookRequest))]
[JsonSerializable(typeof(ListDeliveriesRequest))]
[JsonSerializable(typeof(ListDeliveriesResponse))]
[JsonSerializable(typeof(ListWebhooksRequest))]
[JsonSerializable(typeof(ListWebhooksResponse))]
[JsonSerializable(typeof(RedeliverRequest))]
[JsonSerializable(typeof(RedeliverResponse))]
[JsonSerializable(typeof(TestWebhookRequest))]
[JsonSerializable(typeof(TestWebhookResponse))]
[JsonSerializable(typeof(UpdateWebhookRequest))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(WebhookResponse))]
// Workspaces
[JsonSerializable(typeof(CreateWorkspaceRequest))]
[JsonSerializable(typeof(UpdateWorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceRequest))]
[JsonSerializable(typeof(WorkspaceResponse))]
[JsonSerializable(typeof(WorkspacesResponse))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>How texts are escaped in every answer.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonSerializerOptions Wire = Create();

    /// <summary>The wire form of <typeparamref name="T"/>, which has to be listed above.</summary>
    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Wire.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = Encoder,
            TypeInfoResolver = new WireJson().WithAddedModifier(LeaveOutEmptyLists).WithAddedModifier(AcceptCamelCase),
            Converters = { new Int64Converter(), new Int32Converter(), new DoubleConverter(), new TextListConverter() },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutEmptyLists(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(p => p.PropertyType.IsAssignableTo(typeof(IList))))
            property.ShouldSerialize = static (_, value) => value is IList { Count: > 0 };
    }

    private static void AcceptCamelCase(JsonTypeInfo info)
    {
        // Requests have settable properties and no constructor; what is only ever written needs no second spelling.
        if (info.Kind != JsonTypeInfoKind.Object || info.CreateObject is null)
            return;
        foreach (var property in info.Properties.Where(p => p.Set is not null && p.Name.Contains('_', StringComparison.Ordinal)).ToList())
        {
            var alias = info.CreateJsonPropertyInfo(property.PropertyType, ToCamelCase(property.Name));
            alias.Set = property.Set;
            info.Properties.Add(alias);
        }
    }

    private static string ToCamelCase(string snake)
    {
        var words = snake.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(w => w.Length == 0 ? w : char.ToUpperInvariant(w[0]) + w[1..]));
    }
}

/// <summary>The answer of calls that have nothing to say: <c>{}</c>.</summary>
internal sealed record EmptyResponse
{
    public static readonly EmptyResponse Instance = new();
}

/// <summary>The request of calls without parameters.</summary>
internal sealed record EmptyRequest;

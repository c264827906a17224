using System.Text.Json.Serialization;
using ModelRegistry.Server.Tracking.Experiments;
using ModelRegistry.Server.Tracking.Inputs;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Metrics;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Tracking;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
[JsonSerializable(typeof(CreateExperimentRequest))]
[JsonSerializable(typeof(CreateExperimentResponse))]
[JsonSerializable(typeof(CreateLoggedModelRequest))]
[JsonSerializable(typeof(CreateRunRequest))]
[JsonSerializable(typeof(DeleteExperimentTagRequest))]
[JsonSerializable(typeof(DeleteLoggedModelTagRequest))]
[JsonSerializable(typeof(DeleteTagRequest))]
[JsonSerializable(typeof(ExperimentIdRequest))]
[JsonSerializable(typeof(ExperimentResponse))]
[JsonSerializable(typeof(ExperimentsResponse))]
[JsonSerializable(typeof(FinalizeLoggedModelRequest))]
[JsonSerializable(typeof(GetExperimentByNameRequest))]
[JsonSerializable(typeof(GetLoggedModelRequest))]
[JsonSerializable(typeof(GetMetricHistoryBulkRequest))]
[JsonSerializable(typeof(GetMetricHistoryIntervalRequest))]
[JsonSerializable(typeof(GetMetricHistoryRequest))]
[JsonSerializable(typeof(GetRunRequest))]
[JsonSerializable(typeof(ListExperimentsRequest))]
[JsonSerializable(typeof(LogBatchRequest))]
[JsonSerializable(typeof(LogInputsRequest))]
[JsonSerializable(typeof(LogLoggedModelParamsRequest))]
[JsonSerializable(typeof(LogMetricRequest))]
[JsonSerializable(typeof(LogModelRequest))]
[JsonSerializable(typeof(LogOutputsRequest))]
[JsonSerializable(typeof(LogPairRequest))]
[JsonSerializable(typeof(LoggedModelIdRequest))]
[JsonSerializable(typeof(LoggedModelResponse))]
[JsonSerializable(typeof(MetricHistoryBulkResponse))]
[JsonSerializable(typeof(MetricHistoryIntervalResponse))]
[JsonSerializable(typeof(MetricHistoryResponse))]
[JsonSerializable(typeof(RunIdRequest))]
[JsonSerializable(typeof(RunInputs))]
[JsonSerializable(typeof(RunResponse))]
[JsonSerializable(typeof(SearchDatasetsRequest))]
[JsonSerializable(typeof(SearchDatasetsResponse))]
[JsonSerializable(typeof(SearchExperimentsRequest))]
[JsonSerializable(typeof(SearchLoggedModelsRequest))]
[JsonSerializable(typeof(SearchLoggedModelsResponse))]
[JsonSerializable(typeof(SearchRunsRequest))]
[JsonSerializable(typeof(SearchRunsResponse))]
[JsonSerializable(typeof(SetExperimentTagRequest))]
[JsonSerializable(typeof(SetLoggedModelTagsRequest))]
[JsonSerializable(typeof(UpdateExperimentRequest))]
[JsonSerializable(typeof(UpdateRunRequest))]
[JsonSerializable(typeof(UpdateRunResponse))]
internal sealed partial class TrackingJson : JsonSerializerContext;

using System.Text.Json.Serialization;
using ModelRegistry.Server.Traces.Assessments;
using ModelRegistry.Server.Traces.Metrics;
using ModelRegistry.Server.Traces.Otlp;
using ModelRegistry.Server.Traces.Search;

namespace ModelRegistry.Server.Traces;

/// <summary>The wire records of this slice; <see cref="Http.Json.WireJson"/> has the rules they are written by.</summary>
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
internal sealed partial class TracesJson : JsonSerializerContext;

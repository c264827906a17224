namespace ModelRegistry.Server.Traces;

/// <summary>A row of <c>trace_info</c>.</summary>
internal sealed record TraceRow
{
    public const string Columns =
        "t.request_id, t.experiment_id, t.timestamp_ms, t.execution_time_ms, t.status, t.client_request_id, t.request_preview, t.response_preview";

    public required string RequestId { get; init; }

    public long ExperimentId { get; init; }

    public long TimestampMs { get; init; }

    public long? ExecutionTimeMs { get; init; }

    public required string Status { get; init; }

    public string? ClientRequestId { get; init; }

    public string? RequestPreview { get; init; }

    public string? ResponsePreview { get; init; }
}

/// <summary>A row of <c>trace_tags</c> or <c>trace_request_metadata</c>.</summary>
internal sealed record TraceItemRow
{
    public required string RequestId { get; init; }

    public required string Key { get; init; }

    public string? Value { get; init; }
}

/// <summary>A row of <c>assessments</c>.</summary>
internal sealed record AssessmentRow
{
    public static readonly string[] Names =
    [
        "assessment_id", "trace_id", "name", "assessment_type", "value", "error", "created_timestamp", "last_updated_timestamp",
        "source_type", "source_id", "run_id", "span_id", "rationale", "overrides", "valid", "assessment_metadata",
    ];

    public static readonly string Columns = string.Join(", ", Names.Select(name => $"a.{name}"));

    public required string AssessmentId { get; init; }

    public required string TraceId { get; init; }

    public required string Name { get; init; }

    /// <summary><c>feedback</c>, <c>expectation</c> or <c>issue</c>.</summary>
    public required string AssessmentType { get; init; }

    /// <summary>JSON.</summary>
    public required string Value { get; init; }

    /// <summary>JSON.</summary>
    public string? Error { get; init; }

    public long CreatedTimestamp { get; init; }

    public long LastUpdatedTimestamp { get; init; }

    public required string SourceType { get; init; }

    public string? SourceId { get; init; }

    public string? RunId { get; init; }

    public string? SpanId { get; init; }

    public string? Rationale { get; init; }

    public string? Overrides { get; init; }

    public bool Valid { get; init; }

    /// <summary>JSON object of texts.</summary>
    public string? AssessmentMetadata { get; init; }
}

/// <summary>A trace with all that belongs to it, but for its spans.</summary>
internal sealed record Trace(TraceRow Row, List<TraceItemRow> Tags, List<TraceItemRow> Metadata, List<AssessmentRow> Assessments)
{
    public string? Tag(string key) => Tags.Find(tag => tag.Key == key)?.Value;

    public string? MetadataOf(string key) => Metadata.Find(item => item.Key == key)?.Value;
}

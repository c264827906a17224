namespace ModelRegistry.Server.Traces;

/// <summary>Keys of trace tags and metadata that mean something to the server.</summary>
internal static class TraceKeys
{
    public const string ArtifactLocation = "mlflow.artifactLocation";
    public const string SpansLocation = "mlflow.trace.spansLocation";
    public const string TraceName = "mlflow.traceName";

    /// <summary>Value of <see cref="SpansLocation"/> for spans that are rows, not a file.</summary>
    public const string TrackingStore = "TRACKING_STORE";

    /// <summary>Metadata: the client has said all there is to say about the trace; spans that come later change nothing of it.</summary>
    public const string Finalized = "mlflow.trace.infoFinalized";
    public const string TokenUsage = "mlflow.trace.tokenUsage";
    public const string Cost = "mlflow.trace.cost";
    public const string Session = "mlflow.trace.session";
    public const string User = "mlflow.trace.user";
    public const string SizeStats = "mlflow.trace.sizeStats";

    public static readonly string[] TokenKinds =
        ["input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];

    public static readonly string[] CostKinds = ["input_cost", "output_cost", "total_cost"];
}

/// <summary>Keys of span attributes that mean something to the server.</summary>
internal static class SpanKeys
{
    public const string TraceId = "mlflow.traceRequestId";
    public const string Type = "mlflow.spanType";
    public const string Inputs = "mlflow.spanInputs";
    public const string Outputs = "mlflow.spanOutputs";
    public const string TokenUsage = "mlflow.chat.tokenUsage";
    public const string Tools = "mlflow.chat.tools";
    public const string Cost = "mlflow.llm.cost";
    public const string Model = "mlflow.llm.model";
    public const string Provider = "mlflow.llm.provider";
    public const string MessageFormat = "mlflow.message.format";
    public const string ServiceName = "service.name";
    public const string SessionId = "session.id";
    public const string UserId = "user.id";
}

/// <summary>States of a trace, as the database and the wire have them.</summary>
internal static class TraceStates
{
    public const string Unspecified = "STATE_UNSPECIFIED";
    public const string Ok = "OK";
    public const string Error = "ERROR";
    public const string InProgress = "IN_PROGRESS";
}

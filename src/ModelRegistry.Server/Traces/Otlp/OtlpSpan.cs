namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>A span as it arrived; what it does not use of OpenTelemetry's message is left out.</summary>
internal sealed record OtlpSpan
{
    public byte[] TraceId { get; set; } = [];

    public byte[] SpanId { get; set; } = [];

    public byte[] ParentSpanId { get; set; } = [];

    public string Name { get; set; } = "";

    public long StartNano { get; set; }

    /// <summary>0 while the span is running.</summary>
    public long EndNano { get; set; }

    public List<KeyValuePair<string, object?>> Attributes { get; } = [];

    public List<OtlpEvent> Events { get; } = [];

    public int StatusCode { get; set; }

    public string StatusMessage { get; set; } = "";

    /// <summary><c>service.name</c> of the program that made the span.</summary>
    public object? ServiceName { get; set; }
}

internal sealed record OtlpEvent
{
    public long TimeNano { get; set; }

    public string Name { get; set; } = "";

    public List<KeyValuePair<string, object?>> Attributes { get; } = [];
}

/// <summary>The spans of one export; <see cref="HasResources"/> is false for an export of nothing at all.</summary>
internal sealed record OtlpExport(bool HasResources, List<OtlpSpan> Spans);

/// <summary>The body is no export of spans.</summary>
internal sealed class OtlpFormatException(string message, Exception? inner = null) : Exception(message, inner);

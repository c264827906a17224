using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Traces.Spans;

/// <summary>A span as MLflow stores it.</summary>
internal sealed record Span
{
    /// <summary>MLflow's id of the trace: <c>tr-</c> and 32 hexadecimal digits.</summary>
    public required string TraceId { get; init; }

    public required byte[] OtelTraceId { get; init; }

    public required byte[] OtelSpanId { get; init; }

    public byte[]? OtelParentId { get; init; }

    public required string Name { get; init; }

    public string? Type { get; init; }

    public required long StartNano { get; init; }

    public long? EndNano { get; init; }

    /// <summary><c>OK</c>, <c>ERROR</c> or <c>UNSET</c>.</summary>
    public required string Status { get; init; }

    public string StatusMessage { get; init; } = "";

    /// <summary>Every value is a JSON text.</summary>
    public required OrderedDictionary<string, string> Attributes { get; init; }

    public required List<object?> Events { get; init; }

    public string SpanId => Convert.ToHexStringLower(OtelSpanId);

    public string? ParentId => OtelParentId is null ? null : Convert.ToHexStringLower(OtelParentId);

    public bool IsRoot => OtelParentId is null;

    /// <summary>The text of the column <c>content</c>.</summary>
    public string ToContent() => PythonJson.Dump(new OrderedDictionary<string, object?>
    {
        ["trace_id"] = Convert.ToBase64String(OtelTraceId),
        ["span_id"] = Convert.ToBase64String(OtelSpanId),
        ["parent_span_id"] = OtelParentId is null ? null : Convert.ToBase64String(OtelParentId),
        ["name"] = Name,
        ["start_time_unix_nano"] = StartNano,
        ["end_time_unix_nano"] = EndNano,
        ["events"] = Events,
        ["status"] = new OrderedDictionary<string, object?> { ["code"] = $"STATUS_CODE_{Status}", ["message"] = StatusMessage },
        ["attributes"] = new OrderedDictionary<string, object?>(Attributes.Select(one => KeyValuePair.Create(one.Key, (object?)one.Value))),
    });
}

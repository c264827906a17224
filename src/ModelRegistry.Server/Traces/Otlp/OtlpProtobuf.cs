namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>Reads <c>opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest</c>.</summary>
internal static class OtlpProtobuf
{
    /// <summary>Nested deeper, protobuf gives up too.</summary>
    private const int MaxDepth = 90;

    /// <exception cref="OtlpFormatException">The bytes are not that message.</exception>
    public static OtlpExport Read(ReadOnlySpan<byte> message)
    {
        var spans = new List<OtlpSpan>();
        var hasResources = false;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
                continue;
            hasResources = true;
            ReadResourceSpans(reader.Bytes(), spans);
        }

        return new OtlpExport(hasResources, spans);
    }

    private static void ReadResourceSpans(ReadOnlySpan<byte> message, List<OtlpSpan> spans)
    {
        var first = spans.Count;
        object? service = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                service = ServiceName(reader.Bytes());
            else if (reader.Field == 2)
                ReadScopeSpans(reader.Bytes(), spans);
        }

        for (var index = first; index < spans.Count; index++)
            spans[index].ServiceName = service;
    }

    private static object? ServiceName(ReadOnlySpan<byte> resource)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        var reader = new ProtobufReader(resource);
        while (reader.Next())
        {
            if (reader.Field == 1)
                attributes.Add(ReadKeyValue(reader.Bytes(), 0));
        }

        return attributes.Find(attribute => attribute.Key == "service.name").Value;
    }

    private static void ReadScopeSpans(ReadOnlySpan<byte> message, List<OtlpSpan> spans)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
                spans.Add(ReadSpan(reader.Bytes()));
        }
    }

    private static OtlpSpan ReadSpan(ReadOnlySpan<byte> message)
    {
        var span = new OtlpSpan();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: span.TraceId = reader.Bytes().ToArray(); break;
                case 2: span.SpanId = reader.Bytes().ToArray(); break;
                case 4: span.ParentSpanId = reader.Bytes().ToArray(); break;
                case 5: span.Name = reader.Text(); break;
                case 7: span.StartNano = (long)reader.Fixed64(); break;
                case 8: span.EndNano = (long)reader.Fixed64(); break;
                case 9: span.Attributes.Add(ReadKeyValue(reader.Bytes(), 0)); break;
                case 11: span.Events.Add(ReadEvent(reader.Bytes())); break;
                case 15: ReadStatus(reader.Bytes(), span); break;
            }
        }

        return span;
    }

    private static OtlpEvent ReadEvent(ReadOnlySpan<byte> message)
    {
        var happened = new OtlpEvent();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: happened.TimeNano = (long)reader.Fixed64(); break;
                case 2: happened.Name = reader.Text(); break;
                case 3: happened.Attributes.Add(ReadKeyValue(reader.Bytes(), 0)); break;
            }
        }

        return happened;
    }

    private static void ReadStatus(ReadOnlySpan<byte> message, OtlpSpan span)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 2)
                span.StatusMessage = reader.Text();
            else if (reader.Field == 3)
                span.StatusCode = (int)reader.Varint();
        }
    }

    private static KeyValuePair<string, object?> ReadKeyValue(ReadOnlySpan<byte> message, int depth)
    {
        var (key, value) = ("", (object?)null);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = reader.Text();
            else if (reader.Field == 2)
                value = ReadValue(reader.Bytes(), depth + 1);
        }

        return KeyValuePair.Create(key, value);
    }

    private static object? ReadValue(ReadOnlySpan<byte> message, int depth)
    {
        if (depth > MaxDepth)
            throw new OtlpFormatException("A value is nested too deeply.");
        object? value = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            value = reader.Field switch
            {
                1 => reader.Text(),
                2 => reader.Varint() != 0,
                3 => (long)reader.Varint(),
                4 => BitConverter.UInt64BitsToDouble(reader.Fixed64()),
                5 => ReadList(reader.Bytes(), depth),
                6 => ReadMembers(reader.Bytes(), depth),
                7 => reader.Bytes().ToArray(),
                _ => value,
            };
        }

        return value;
    }

    private static List<object?> ReadList(ReadOnlySpan<byte> message, int depth)
    {
        var items = new List<object?>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                items.Add(ReadValue(reader.Bytes(), depth + 1));
        }

        return items;
    }

    private static OrderedDictionary<string, object?> ReadMembers(ReadOnlySpan<byte> message, int depth)
    {
        var members = new OrderedDictionary<string, object?>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field != 1)
                continue;
            var (key, value) = ReadKeyValue(reader.Bytes(), depth + 1);
            members[key] = value;
        }

        return members;
    }
}

using System.Text;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Traces.Otlp;
using Xunit;

namespace ModelRegistry.Tests.Traces.Otlp;

public sealed class OtlpReaderTests
{
    /// <summary>One span with every kind of value, and fields of later versions that nobody reads.</summary>
    private static readonly byte[] Message = Export(
        Field(1, [7]),
        Field(2, [8]),
        Field(4, [9]),
        Text(5, "n\u00e9"),
        [0x30, 1],
        [0x39, 1, 0, 0, 0, 0, 0, 0, 0],
        [0x41, 2, 0, 0, 0, 0, 0, 0, 0],
        Field(9, Pair("t", Text(1, "x"))),
        Field(9, Pair("b", [0x10, 1])),
        Field(9, Pair("i", [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])),
        Field(9, Pair("d", [0x21, .. BitConverter.GetBytes(0.5)])),
        Field(9, Pair("l", Field(5, [.. Field(1, [0x18, 1]), .. Field(1, [])]))),
        Field(9, Pair("m", Field(6, Field(1, Pair("k", Text(1, "v")))))),
        Field(9, Pair("y", Field(7, [0xff]))),
        Field(9, Pair("none", [])),
        Field(11, [0x09, 3, 0, 0, 0, 0, 0, 0, 0, .. Text(2, "ev"), .. Field(3, Pair("a", [0x18, 1]))]),
        Field(13, [1, 2, 3]),
        Field(15, [.. Text(2, "msg"), 0x18, 2]),
        [0x85, 1, 0, 0, 0, 0]);

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var span = Assert.Single(OtlpProtobuf.Read(Message).Spans);

        Assert.Equal(((byte)7, (byte)8, (byte)9), (span.TraceId[0], span.SpanId[0], span.ParentSpanId[0]));
        Assert.Equal(("n\u00e9", 1L, 2L, 2, "msg"), (span.Name, span.StartNano, span.EndNano, span.StatusCode, span.StatusMessage));
        Assert.Equal(
            """{"t": "x", "b": true, "i": -1, "d": 0.5, "l": [1, null], "m": {"k": "v"}, "y": "b'\\xff'", "none": null}""",
            PythonJson.Dump(new OrderedDictionary<string, object?>(span.Attributes)));
        var happened = Assert.Single(span.Events);
        Assert.Equal(("ev", 3L, 1L), (happened.Name, happened.TimeNano, happened.Attributes[0].Value));
    }

    [Fact]
    public void A_message_that_ends_too_early_is_refused_or_lacks_its_end()
    {
        for (var length = 0; length < Message.Length; length++)
        {
            var part = Message[..length];
            if (length is 0)
                Assert.False(OtlpProtobuf.Read(part).HasResources);
            else
                Assert.Throws<OtlpFormatException>(() => OtlpProtobuf.Read(part));
        }
    }

    [Fact]
    public void Damaged_messages_do_no_harm()
    {
        var random = new Random(7);
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = Message.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                OtlpProtobuf.Read(damaged);
            }
            catch (OtlpFormatException)
            {
                // The one exception that may leave the reader.
            }
        }
    }

    [Fact]
    public void Values_nested_without_end_are_refused()
    {
        byte[] value = [];
        for (var depth = 0; depth < 2_000; depth++)
            value = Field(5, Field(1, value));

        Assert.Throws<OtlpFormatException>(() => OtlpProtobuf.Read(Export(Field(9, Pair("deep", value)))));
    }

    [Fact]
    public void JSON_says_the_same()
    {
        const string json =
            """
            {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "svc"}}]}, "scopeSpans": [{"spans": [{
                "traceId": "0A", "spanId": "0b", "parentSpanId": "0c", "name": "n", "startTimeUnixNano": "1", "endTimeUnixNano": 2, "unknown": 1,
                "status": {"code": "STATUS_CODE_ERROR", "message": "msg"},
                "events": [{"name": "ev", "timeUnixNano": "3"}],
                "attributes": [{"key": "i", "value": {"intValue": "5"}}, {"key": "d", "value": {"doubleValue": "NaN"}}, {"key": "none", "value": {}},
                    {"key": "l", "value": {"arrayValue": {"values": [{"boolValue": true}, {"kvlistValue": {"values": []}}]}}}]}]}]}]}
            """;

        var span = Assert.Single(OtlpJson.Read(Encoding.UTF8.GetBytes(json)).Spans);

        Assert.Equal(((byte)10, (byte)11, (byte)12, 2, "svc"), (span.TraceId[0], span.SpanId[0], span.ParentSpanId[0], span.StatusCode, span.ServiceName));
        Assert.Equal((1L, 2L, 3L), (span.StartNano, span.EndNano, span.Events[0].TimeNano));
        Assert.Equal(
            """{"i": 5, "d": NaN, "none": null, "l": [true, {}]}""", PythonJson.Dump(new OrderedDictionary<string, object?>(span.Attributes)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"resourceSpans": {}}""")]
    [InlineData("""{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}""")]
    [InlineData("""{"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": "soon"}]}]}]}""")]
    [InlineData("""{"resourceSpans": [{"scopeSpans": [{"spans": [{"status": {"code": "FINE"}}]}]}]}""")]
    [InlineData("""{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": 5}]}]}]}""")]
    public void JSON_that_is_no_export_is_refused(string json) =>
        Assert.Throws<OtlpFormatException>(() => OtlpJson.Read(Encoding.UTF8.GetBytes(json)));

    private static byte[] Export(params byte[][] spanFields) => Field(1, Field(2, Field(2, [.. spanFields.SelectMany(field => field)])));

    private static byte[] Pair(string key, byte[] value) => [.. Text(1, key), .. Field(2, value)];

    private static byte[] Text(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    private static byte[] Field(int number, byte[] content) => [.. Varint((uint)(number << 3) | 2), .. Varint((uint)content.Length), .. content];

    private static byte[] Varint(uint value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7f; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}

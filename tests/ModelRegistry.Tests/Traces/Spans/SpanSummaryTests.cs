using ModelRegistry.Server.Traces;
using ModelRegistry.Server.Traces.Spans;
using Xunit;

namespace ModelRegistry.Tests.Traces.Spans;

public sealed class SpanSummaryTests
{
    [Theory]
    [InlineData(null, """{"input_tokens": 1}""", """{"input_tokens": 1}""")]
    [InlineData("""{"input_tokens": 1}""", """{"input_tokens": 2, "output_tokens": 5}""", """{"input_tokens": 3, "output_tokens": 5}""")]
    [InlineData("""{"input_tokens": 1}""", null, """{"input_tokens": 1}""")]
    [InlineData("""{"input_tokens": 1}""", "no json", """{"input_tokens": 1}""")]
    [InlineData(null, """{"input_tokens": 1.5, "other": 9}""", """{"input_tokens": 1.5}""")]
    public void Token_counts_add_up_as_whole_numbers(string? current, string? added, string expected) =>
        Assert.Equal(expected, Amounts.Add(current, added, TraceKeys.TokenKinds, all: false));

    [Fact]
    public void A_sum_of_costs_names_every_kind() =>
        Assert.Equal(
            """{"input_cost": 0.25, "output_cost": 0.0, "total_cost": 2.5}""",
            Amounts.Add("""{"input_cost": 0.0, "output_cost": 0.0, "total_cost": 1.5}""", """{"input_cost": 0.25, "total_cost": 1}""", TraceKeys.CostKinds, all: true));

    [Fact]
    public void A_trace_without_its_root_has_no_state_yet()
    {
        var child = NewSpan(2, parent: 1, start: 3_000_000, end: 4_000_000, "OK");
        var root = NewSpan(1, parent: null, start: 1_000_000, end: 2_000_000, "UNSET");

        Assert.Null(new SpanSummary([child]).State);
        Assert.Equal(("OK", 1L, 4L), (new SpanSummary([child, root]).State, new SpanSummary([child, root]).StartMs, new SpanSummary([child, root]).EndMs));
        Assert.Equal("ERROR", new SpanSummary([child, root with { Status = "ERROR" }]).State);
    }

    [Fact]
    public void Running_spans_have_no_end() => Assert.Null(new SpanSummary([NewSpan(1, null, 1_000_000, null, "UNSET")]).EndMs);

    private static Span NewSpan(byte id, byte? parent, long start, long? end, string status) => new()
    {
        TraceId = "tr-1",
        OtelTraceId = new byte[16],
        OtelSpanId = [0, 0, 0, 0, 0, 0, 0, id],
        OtelParentId = parent is null ? null : [0, 0, 0, 0, 0, 0, 0, parent.Value],
        Name = "s",
        StartNano = start,
        EndNano = end,
        Status = status,
        Attributes = [],
        Events = [],
    };
}

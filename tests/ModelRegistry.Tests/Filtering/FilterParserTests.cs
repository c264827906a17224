using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Filtering.Lexing;
using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using Xunit;

namespace ModelRegistry.Tests.Filtering;

public class FilterParserTests
{
    private const int Rounds = 5000;

    [Fact]
    public void A_missing_or_empty_filter_has_no_comparisons()
    {
        Assert.Empty(FilterParser.Parse(null).Comparisons);
        Assert.Empty(FilterParser.Parse("").Comparisons);
        Assert.Empty(LoggedModelFilter.Bind(null));
    }

    [Fact]
    public void The_tree_keeps_the_texts_as_written()
    {
        var comparison = Assert.Single(FilterParser.Parse("tags.`a b`  not  like \"it's\"").Comparisons);

        var left = new Operand("tags.`a b`", IsIdentifier: true);
        Assert.Equal(new Comparison(left, "not  like", new Literal(LiteralKind.Identifier, "\"it's\"")), comparison);
    }

    [Fact]
    public void A_printed_filter_parses_to_the_same_comparisons()
    {
        var filters = new RandomFilters(seed: 20260101);
        for (var round = 0; round < Rounds; round++) AssertRoundTrip(filters.NextFilter());
    }

    [Fact]
    public void Garbage_gives_a_tree_that_prints_back_or_a_filter_error()
    {
        var filters = new RandomFilters(seed: 42);
        var parsed = 0;
        for (var round = 0; round < 4 * Rounds; round++)
        {
            var filter = filters.NextGarbage();
            // A value on the left, which no area accepts, may start with a dot and change the word before it.
            if (!Succeeds(() => FilterParser.Parse(filter))) continue;
            if (!FilterParser.Parse(filter).Comparisons.All(one => one.Left.IsIdentifier)) continue;
            AssertRoundTrip(filter);
            parsed++;
        }

        Assert.InRange(parsed, 10, 4 * Rounds);
    }

    [Fact]
    public void Binding_garbage_throws_nothing_but_filter_errors()
    {
        var filters = new RandomFilters(seed: 7);
        for (var round = 0; round < Rounds; round++)
        {
            var filter = round % 2 == 0 ? filters.NextGarbage() : filters.NextFilter();
            Succeeds(() => RunVocabulary.Bind(filter));
            Succeeds(() => ExperimentVocabulary.Bind(filter));
            Succeeds(() => RegisteredModelVocabulary.Bind(filter));
            Succeeds(() => ModelVersionVocabulary.Bind(filter));
            Succeeds(() => LoggedModelFilter.Bind(filter));
            Succeeds(() => RunVocabulary.BindOrder([filter]));
            Succeeds(() => ModelVersionVocabulary.BindOrder([filter]));
            Succeeds(() => RegisteredModelVocabulary.BindOrder([filter]));
            Succeeds(() => FilterValues.ReadList($"({filter})"));
        }
    }

    [Fact]
    public void Ten_thousand_tokens_are_the_limit()
    {
        // Seven tokens with the white space: tags . a = 'x' and one space on each side of the sign.
        var allowed = "tags.a = 'x'" + new string(' ', FilterLexer.MaxTokens - 7);

        Assert.Single(FilterParser.Parse(allowed).Comparisons);
        var error = Assert.Throws<FilterException>(() => FilterParser.Parse(allowed + " "));
        Assert.Equal($"Error on parsing filter '{allowed} '", error.Message);
    }

    [Fact]
    public void A_hundred_nested_brackets_are_the_limit()
    {
        var allowed = new string('(', NodeGrouper.MaxDepth) + new string(')', NodeGrouper.MaxDepth);

        var invalid = Assert.Throws<FilterException>(() => FilterParser.Parse(allowed));
        Assert.Equal($"Invalid clause(s) in filter string: '{allowed}'", invalid.Message);
        var error = Assert.Throws<FilterException>(() => FilterParser.Parse($"({allowed})"));
        Assert.Equal($"Error on parsing filter '({allowed})'", error.Message);
    }

    [Theory]
    [InlineData("/*")]
    [InlineData("'")]
    [InlineData("''")]
    [InlineData("a ")]
    [InlineData("(")]
    [InlineData("[")]
    [InlineData("1")]
    [InlineData("\\'")]
    public void Long_input_is_answered_in_linear_time(string piece)
    {
        var filter = string.Concat(Enumerable.Repeat(piece, 500_000));
        var started = System.Diagnostics.Stopwatch.StartNew();

        Assert.Throws<FilterException>(() => FilterParser.Parse(filter));

        Assert.True(started.Elapsed < TimeSpan.FromSeconds(5), $"took {started.Elapsed}");
    }

    private static void AssertRoundTrip(string filter)
    {
        var expression = FilterParser.Parse(filter);

        Assert.Equal(expression.Comparisons, FilterParser.Parse(expression.ToString()).Comparisons);
    }

    private static bool Succeeds(Func<object> action)
    {
        try
        {
            action();
            return true;
        }
        catch (FilterException)
        {
            return false;
        }
    }
}

using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Filtering.Vocabularies;
using Xunit;

namespace ModelRegistry.Tests.Filtering;

public class BoundComparisonTests
{
    [Fact]
    public void A_64_bit_integer_stays_exact()
    {
        var comparison = Assert.Single(RunVocabulary.Bind("start_time = 9007199254740993"));

        Assert.Equal(9007199254740993, comparison.Integer);
        Assert.Equal("9007199254740993", comparison.Text);
    }

    [Fact]
    public void A_fraction_has_no_integer()
    {
        var comparison = Assert.Single(RunVocabulary.Bind("metrics.m > -2.5e-3"));

        Assert.Equal(-2.5e-3, comparison.Number);
        Assert.Null(comparison.Integer);
    }

    [Fact]
    public void A_version_number_in_quotes_is_a_number_when_it_looks_like_one()
    {
        Assert.Equal(3, Assert.Single(ModelVersionVocabulary.Bind("version_number = '3'")).Integer);

        var text = Assert.Single(ModelVersionVocabulary.Bind("version_number = 'three'"));
        Assert.Null(text.Number);
        Assert.Equal("three", text.Text);
    }

    [Fact]
    public void A_list_needs_a_list_comparator()
    {
        Assert.Throws<FilterException>(() => RunVocabulary.Bind("run_id = ('a')"));
        Assert.Throws<FilterException>(() => ModelVersionVocabulary.Bind("run_id LIKE ('a')"));
        Assert.Throws<FilterException>(() => LoggedModelFilter.Bind("name = ('a', 'b')"));
    }

    [Theory]
    [InlineData("name = 'm'", true, 1)]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'TRUE' AND name = 'm'", false, 2)]
    [InlineData("tags.`mlflow.prompt.is_prompt` != 'False'", false, 1)]
    [InlineData("tags.`mlflow.prompt.is_prompt` = 'false' AND name = 'm'", true, 1)]
    [InlineData("tags.`mlflow.prompt.is_prompt` LIKE 'true'", true, 0)]
    [InlineData("tags.mlflow.prompt.is_prompt = 'no' AND tags.mlflow.prompt.is_prompt = 'true'", true, 0)]
    public void The_first_prompt_condition_decides_whether_prompts_are_hidden(string filter, bool hidden, int left)
    {
        var rule = PromptRule.Apply(RegisteredModelVocabulary.Bind(filter));

        Assert.Equal(hidden, rule.HidesPrompts);
        Assert.Equal(left, rule.Comparisons.Count);
    }
}

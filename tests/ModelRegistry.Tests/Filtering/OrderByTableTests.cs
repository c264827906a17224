using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Filtering.Parsing;
using ModelRegistry.Server.Filtering.Vocabularies;
using Xunit;

namespace ModelRegistry.Tests.Filtering;

/// <summary>Several clauses of one request are separated by <c> | </c> in the tables.</summary>
public class OrderByTableTests
{
    public static TheoryData<string, string> Runs => FilterCases.Read("order-runs");

    public static TheoryData<string, string> Experiments => FilterCases.Read("order-experiments");

    public static TheoryData<string, string> RegisteredModels => FilterCases.Read("order-registered-models");

    public static TheoryData<string, string> ModelVersions => FilterCases.Read("order-model-versions");

    public static TheoryData<string, string> Traces => FilterCases.Read("order-traces");

    [Theory, MemberData(nameof(Runs))]
    public void Run_orders_match_the_table(string clauses, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => RunVocabulary.BindOrder(clauses.Split(" | "))));

    [Theory, MemberData(nameof(Experiments))]
    public void Experiment_orders_match_the_table(string clauses, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => ExperimentVocabulary.BindOrder(clauses.Split(" | "))));

    [Theory, MemberData(nameof(RegisteredModels))]
    public void Registered_model_orders_match_the_table(string clauses, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => RegisteredModelVocabulary.BindOrder(clauses.Split(" | "))));

    [Theory, MemberData(nameof(ModelVersions))]
    public void Model_version_orders_match_the_table(string clauses, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => ModelVersionVocabulary.BindOrder(clauses.Split(" | "))));

    [Theory, MemberData(nameof(Traces))]
    public void Trace_orders_match_the_table(string clauses, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => TraceVocabulary.BindOrder(clauses.Split(" | "))));

    [Theory]
    [InlineData("name", "attribute name asc")]
    [InlineData("creation_time", "attribute creation_timestamp_ms asc")]
    [InlineData("last_updated_timestamp", "attribute last_updated_timestamp_ms asc")]
    [InlineData("metrics.acc", "metric acc asc")]
    [InlineData("metrics.a.b", "metric a.b asc")]
    [InlineData("foo", "! Invalid order by field name: foo")]
    [InlineData("", "! Invalid order by field name: ")]
    [InlineData("params.p", "! Invalid order by field name: params.p. Only metrics are supported.")]
    public void Logged_model_field_names_are_columns_or_metrics(string fieldName, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => (IReadOnlyList<OrderTerm>)[LoggedModelOrder.Bind(fieldName, ascending: true)]));
}

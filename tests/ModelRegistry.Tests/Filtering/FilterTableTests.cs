using ModelRegistry.Server.Filtering.LoggedModels;
using ModelRegistry.Server.Filtering.Vocabularies;
using Xunit;

namespace ModelRegistry.Tests.Filtering;

public class FilterTableTests
{
    public static TheoryData<string, string> Runs => FilterCases.Read("runs");

    public static TheoryData<string, string> Experiments => FilterCases.Read("experiments");

    public static TheoryData<string, string> RegisteredModels => FilterCases.Read("registered-models");

    public static TheoryData<string, string> ModelVersions => FilterCases.Read("model-versions");

    public static TheoryData<string, string> LoggedModels => FilterCases.Read("logged-models");

    public static TheoryData<string, string> Traces => FilterCases.Read("traces");

    [Theory, MemberData(nameof(Runs))]
    public void Run_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => RunVocabulary.Bind(filter)));

    [Theory, MemberData(nameof(Experiments))]
    public void Experiment_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => ExperimentVocabulary.Bind(filter)));

    [Theory, MemberData(nameof(RegisteredModels))]
    public void Registered_model_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => RegisteredModelVocabulary.Bind(filter)));

    [Theory, MemberData(nameof(ModelVersions))]
    public void Model_version_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => ModelVersionVocabulary.Bind(filter)));

    [Theory, MemberData(nameof(LoggedModels))]
    public void Logged_model_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => LoggedModelFilter.Bind(filter)));

    [Theory, MemberData(nameof(Traces))]
    public void Trace_filters_match_the_table(string filter, string expected) =>
        Assert.Equal(expected, FilterCases.Print(() => TraceVocabulary.Bind(filter)));
}

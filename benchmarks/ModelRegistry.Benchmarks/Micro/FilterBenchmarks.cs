using BenchmarkDotNet.Attributes;
using ModelRegistry.Server.Filtering.Vocabularies;

namespace ModelRegistry.Benchmarks.Micro;

/// <summary>From the text of a filter to what the database is asked.</summary>
[MemoryDiagnoser]
public class FilterBenchmarks
{
    [Benchmark]
    public object Runs() => RunVocabulary.Bind("metrics.m0 > 0.5 and params.p0 = 'v3' and tags.`mlflow.user` LIKE 'a%'");

    [Benchmark]
    public object RunOrder() => RunVocabulary.BindOrder(["metrics.m1 DESC", "attributes.start_time"]);

    [Benchmark]
    public object RegisteredModels() => RegisteredModelVocabulary.Bind("name ILIKE '%bert%' and tags.team = 'search'");
}

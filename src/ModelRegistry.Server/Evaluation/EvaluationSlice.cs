using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Evaluation;

/// <summary>All of this folder, for the composition root.</summary>
internal static class EvaluationSlice
{
    public static void AddEvaluation(this IServiceCollection services)
    {
        services.AddSingleton<EvaluationDatasetStore>().AddSingleton<EvaluationDatasetLinks>().AddSingleton<EvaluationDatasetSearch>();
        services.AddSingleton<EvaluationDatasetEndpoints>().AddSingleton<DatasetRecordStore>().AddSingleton<DatasetRecordEndpoints>();
        services.AddSingleton<ScorerStore>().AddSingleton<ScorerEndpoints>().AddSingleton<OnlineScoringStore>().AddSingleton<OnlineScoringEndpoints>();
        services.AddSingleton<IssueStore>().AddSingleton<IssueSearch>().AddSingleton<IssueEndpoints>();
    }

    public static void MapEvaluation(this IServiceProvider services, RpcRoutes rpc)
    {
        services.GetRequiredService<EvaluationDatasetEndpoints>().Map(rpc);
        services.GetRequiredService<DatasetRecordEndpoints>().Map(rpc);
        services.GetRequiredService<ScorerEndpoints>().Map(rpc);
        services.GetRequiredService<OnlineScoringEndpoints>().Map(rpc);
        services.GetRequiredService<IssueEndpoints>().Map(rpc);
    }
}

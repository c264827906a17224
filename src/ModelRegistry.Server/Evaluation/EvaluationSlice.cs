using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Evaluation;

/// <summary>All of this folder, for the composition root.</summary>
internal static class EvaluationSlice
{
    public static IServiceCollection AddEvaluation(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(EvaluationJson.Default);
        services.AddSingleton<EvaluationDatasetStore>().AddSingleton<EvaluationDatasetLinks>().AddSingleton<EvaluationDatasetSearch>();
        services.AddSingleton<EvaluationDatasetEndpoints>().AddSingleton<DatasetRecordStore>().AddSingleton<DatasetRecordEndpoints>();
        services.AddSingleton<ScorerStore>().AddSingleton<ScorerEndpoints>().AddSingleton<OnlineScoringStore>().AddSingleton<OnlineScoringEndpoints>();
        services.AddSingleton<IssueStore>().AddSingleton<IssueSearch>().AddSingleton<IssueEndpoints>();
        return services;
    }

    public static void MapEvaluation(this ServerRoutes routes)
    {
        routes.Of<EvaluationDatasetEndpoints>().Map(routes.Mlflow);
        routes.Of<DatasetRecordEndpoints>().Map(routes.Mlflow);
        routes.Of<ScorerEndpoints>().Map(routes.Mlflow);
        routes.Of<OnlineScoringEndpoints>().Map(routes.Mlflow);
        routes.Of<IssueEndpoints>().Map(routes.Mlflow);
    }
}

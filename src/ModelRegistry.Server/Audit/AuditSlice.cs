namespace ModelRegistry.Server.Audit;

/// <summary>All of this folder, for the composition root.</summary>
internal static class AuditSlice
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddSingleton<ChangePipeline>();
}

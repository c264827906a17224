using System.Text.Json.Serialization;
using ModelRegistry.Server.Artifacts.Direct;
using ModelRegistry.Server.Artifacts.Integrity;
using ModelRegistry.Server.Artifacts.Local;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Artifacts;

/// <summary>All of this folder, for the composition root.</summary>
internal static class ArtifactsSlice
{
    public static IServiceCollection AddArtifacts(this IServiceCollection services)
    {
        services.AddSingleton<JsonSerializerContext>(ArtifactsJson.Default);
        services.AddSingleton<BlobStoreFactory>().AddSingleton<ArtifactLedger>().AddSingleton<VersionPlaces>().AddSingleton<ArtifactStores>();
        services.AddSingleton<ArtifactProxyEndpoints>().AddHostedService<LeftoverSweep>();
        services.AddSingleton<RunArtifactWriter>().AddSingleton<RunArtifactEndpoints>();
        services.AddSingleton<ModelArtifactEndpoints>().AddSingleton<TraceArtifactEndpoints>();
        services.AddSingleton<DirectTransfers>().AddSingleton<StoreProbe>().AddSingleton<MultipartUploadEndpoints>().AddSingleton<SignedAddressEndpoints>();
        services.AddSingleton<VersionVerifier>().AddSingleton<Verification>().AddSingleton<ManifestEndpoints>().AddHostedService<IntegrityRounds>();
        return services;
    }

    public static void MapArtifacts(this ServerRoutes routes)
    {
        routes.Of<ArtifactProxyEndpoints>().Map(routes.MlflowArtifacts);
        routes.Of<MultipartUploadEndpoints>().Map(routes.MlflowArtifacts);
        routes.Of<SignedAddressEndpoints>().Map(routes.Mlflow, routes.MlflowArtifacts);
        routes.Of<RunArtifactEndpoints>().Map(routes.Root, routes.Mlflow);
        routes.Of<ModelArtifactEndpoints>().Map(routes.Root, routes.Mlflow);
        routes.Of<TraceArtifactEndpoints>().Map(routes.Root);
        routes.Of<ManifestEndpoints>().Map(routes.Own);
    }

    /// <summary>Before the first request: a folder was tried when the options were read; a bucket is tried now.</summary>
    /// <exception cref="StartupException">The store refuses for good.</exception>
    public static async Task ProbeArtifactsAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<ArtifactStores>().Destination.Store is LocalBlobStore)
            return;
        try
        {
            await services.GetRequiredService<StoreProbe>().RunAsync(cancellationToken);
        }
        catch (StoreException e) when (!e.IsTemporary)
        {
            throw new StartupException(StoreErrors.Explain(e));
        }
        catch (StoreException e)
        {
            // Models can be looked up without it; it may be back before the first file is asked for.
            Console.Error.WriteLine($"warning: {StoreErrors.Explain(e)} Direct transfers are off until the next start.");
        }
    }
}

using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Hosting;

/// <summary>What the operator reads when the server is up: where everything is, and how to point a client at it.</summary>
internal static class StartupReport
{
    public static string Describe(ServerOptions options, string address)
    {
        var url = ClientUrl(options, address);
        return $"""
            {ProductInfo.Describe()}
              database   {Store(options.BackendStoreUri, options)}{Registry(options)}{Cache(options)}
              artifacts  {Artifacts(options)}
              listening  {address}
            {url}
            Point a client at it:
              export MLFLOW_TRACKING_URI={url}
            """;
    }

    /// <summary>The address as a client on this machine writes it.</summary>
    public static string ClientUrl(ServerOptions options, string address)
    {
        var port = new Uri(address).Port;
        var host = new Uri(address).Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : new Uri(address).Host;
        return $"http://{host}:{port}{options.StaticPrefix}";
    }

    private static string Store(string uri, ServerOptions options) => options.ArtifactsOnly ? "none (--artifacts-only)" : DatabaseAddress.Parse(uri).Display;

    private static string Registry(ServerOptions options) =>
        options.RegistryStoreUri is null || options.ArtifactsOnly ? "" : $"\n  registry   {DatabaseAddress.Parse(options.RegistryStoreUri).Display}";

    private static string Cache(ServerOptions options) =>
        CacheAddress.Parse(options.Cache) is CacheAddress.None or null || options.ArtifactsOnly ? "" : $"\n  cache      {CacheAddress.Parse(options.Cache).Display}";

    private static string Artifacts(ServerOptions options)
    {
        if (options.ServeArtifacts)
            return ArtifactFolder.IsFolder(options.ArtifactsDestination) ? ArtifactFolder.Of(options.ArtifactsDestination) : options.ArtifactsDestination;
        return $"{options.EffectiveArtifactRoot} (not through this server)";
    }
}

using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.Schema;

namespace ModelRegistry.Server.Hosting;

/// <summary>The open databases; the registry's is the tracking one unless it was given its own.</summary>
internal sealed record Stores(Database Tracking, Database Registry) : IDisposable
{
    /// <summary>Opens the databases and brings their schema up to date.</summary>
    /// <exception cref="StartupException">One of them cannot be used.</exception>
    public static async Task<Stores> OpenAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var tracking = await OpenAsync(options.BackendStoreUri, options, cancellationToken);
        var isShared = options.RegistryStoreUri is null
            || DatabaseUri.SqlitePath(options.RegistryStoreUri) == DatabaseUri.SqlitePath(options.BackendStoreUri);
        return new Stores(tracking, isShared ? tracking : await OpenAsync(options.RegistryStoreUri!, options, cancellationToken));
    }

    public void Dispose()
    {
        Tracking.Dispose();
        Registry.Dispose();
    }

    private static async Task<Database> OpenAsync(string uri, ServerOptions options, CancellationToken cancellationToken)
    {
        var path = DatabaseUri.SqlitePath(uri);
        var (readers, writer) = Sqlite.Open(path, Environment.ProcessorCount * 2);
        var database = new Database(readers, writer, Sqlite.Dialect);
        if (options.ArtifactsOnly)
            return database; // No route uses it, and nothing is opened before its first use.
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new StartupException($"The folder of the database '{path}' does not exist.");
        try
        {
            await new Migrator(database, options.AllowUnknownSchema).PrepareAsync(cancellationToken);
            return database;
        }
        catch (DbException e)
        {
            database.Dispose();
            throw new StartupException($"The database '{path}' cannot be used: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.");
        }
    }
}

internal static class RegistryStoreExtensions
{
    /// <summary>Adds a store that lives in the registry's database.</summary>
    public static IServiceCollection AddRegistryStore<TStore>(this IServiceCollection services)
        where TStore : class =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<TStore>(provider, provider.GetRequiredService<Stores>().Registry));
}

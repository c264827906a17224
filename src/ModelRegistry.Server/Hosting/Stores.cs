using System.Data.Common;
using Dapper;
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
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var address = Parse(options.BackendStoreUri, options);
        var registryAddress = options.RegistryStoreUri is { } uri ? Parse(uri, options) : address;
        var tracking = await OpenAsync(address, options, cancellationToken);
        return new Stores(tracking, registryAddress == address ? tracking : await OpenAsync(registryAddress, options, cancellationToken));
    }

    public void Dispose()
    {
        Tracking.Dispose();
        Registry.Dispose();
    }

    private static DatabaseAddress Parse(string uri, ServerOptions options) =>
        DatabaseAddress.Parse(uri) is MySqlAddress address ? address.WithAuthority(options.MySqlSslCa) : DatabaseAddress.Parse(uri);

    private static async Task<Database> OpenAsync(DatabaseAddress address, ServerOptions options, CancellationToken cancellationToken)
    {
        var database = Open(address, options.DatabasePoolSize);
        if (options.ArtifactsOnly)
            return database; // No route uses it, and nothing is opened before its first use.
        if (address is SqliteAddress file && !Directory.Exists(Path.GetDirectoryName(file.Path)))
            throw new StartupException($"The folder of the database '{file.Path}' does not exist.");
        try
        {
            await new Migrator(database, options.AllowUnknownSchema, Console.Error.WriteLine).PrepareAsync(cancellationToken);
            return database;
        }
        catch (DbException e)
        {
            database.Dispose();
            var reason = database.Dialect.Schema.Explain(e) ?? $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
            throw new StartupException($"The database '{address.Display}' cannot be used: {reason}");
        }
    }

    private static Database Open(DatabaseAddress address, int maxConnections)
    {
        if (address is SqliteAddress file)
        {
            var (readers, writer) = Sqlite.Open(file.Path, Environment.ProcessorCount * 2);
            return new Database(readers, writer, Sqlite.Dialect);
        }

        var source = MySql.Open((MySqlAddress)address, maxConnections);
        return new Database(source, source, MySql.Dialect);
    }
}

internal static class RegistryStoreExtensions
{
    /// <summary>Adds a store that lives in the registry's database.</summary>
    public static IServiceCollection AddRegistryStore<TStore>(this IServiceCollection services)
        where TStore : class =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<TStore>(provider, provider.GetRequiredService<Stores>().Registry));
}

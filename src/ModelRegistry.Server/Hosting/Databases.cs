using System.Data.Common;
using Dapper;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using ModelRegistry.Server.Data.Schema;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>The open databases; the registry's is the tracking one unless it was given its own.</summary>
internal sealed record Databases(Database Tracking, Database Registry) : IDisposable
{
    /// <summary>Opens the databases and brings their schema up to date.</summary>
    /// <exception cref="StartupException">One of them cannot be used.</exception>
    public static async Task<Databases> OpenAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var address = Parse(options.BackendStoreUri, options);
        var registryAddress = options.RegistryStoreUri is { } uri ? Parse(uri, options) : address;
        var tracking = await OpenAsync(address, options, cancellationToken);
        return new Databases(tracking, registryAddress == address ? tracking : await OpenAsync(registryAddress, options, cancellationToken));
    }

    /// <summary>Whether the registry has no database of its own.</summary>
    public bool AreOne => ReferenceEquals(Tracking, Registry);

    public void Dispose()
    {
        Tracking.Dispose();
        Registry.Dispose();
    }

    /// <summary>For commands: opening a database that is not there would make one, and all would be said of the wrong one.</summary>
    /// <exception cref="StartupException">One is a file that is not there.</exception>
    public static void RequireDatabases(ServerOptions options)
    {
        foreach (var uri in new[] { options.BackendStoreUri, options.RegistryStoreUri }.OfType<string>())
        {
            if (DatabaseAddress.Parse(uri) is SqliteAddress file && !File.Exists(file.Path))
                throw new StartupException($"There is no database '{file.Path}'. Name it with --backend-store-uri.");
        }
    }

    /// <summary>Looks at a database without changing it.</summary>
    /// <returns>What was found, for the operator.</returns>
    /// <exception cref="StartupException">The server could not start on it.</exception>
    public static async Task<string> DescribeAsync(ServerOptions options, string uri, CancellationToken cancellationToken)
    {
        var address = Parse(uri, options);
        RequireFolder(address);
        if (address is SqliteAddress { Path: var path } && !File.Exists(path))
            return $"{address.Display}: does not exist yet, the first start makes it";
        using var database = Open(address, options.DatabasePoolSize);
        try
        {
            return $"{address.Display}: {await new Migrator(database, options.AllowUnknownSchema, Console.Error.WriteLine).DescribeAsync(cancellationToken)}";
        }
        catch (DbException e)
        {
            throw Unusable(address, database, e);
        }
    }

    private static DatabaseAddress Parse(string uri, ServerOptions options) =>
        DatabaseAddress.Parse(uri) is MySqlAddress address ? address.WithAuthority(options.MySqlSslCa) : DatabaseAddress.Parse(uri);

    private static async Task<Database> OpenAsync(DatabaseAddress address, ServerOptions options, CancellationToken cancellationToken)
    {
        var database = Open(address, options.DatabasePoolSize);
        if (options.ArtifactsOnly)
            return database; // No route uses it, and nothing is opened before its first use.
        RequireFolder(address);
        try
        {
            await new Migrator(database, options.AllowUnknownSchema, Console.Error.WriteLine).PrepareAsync(cancellationToken);
            return database;
        }
        catch (DbException e)
        {
            database.Dispose();
            throw Unusable(address, database, e);
        }
    }

    private static void RequireFolder(DatabaseAddress address)
    {
        if (address is SqliteAddress file && !Directory.Exists(Path.GetDirectoryName(file.Path)))
            throw new StartupException($"The folder of the database '{file.Path}' does not exist.");
    }

    private static StartupException Unusable(DatabaseAddress address, Database database, DbException e)
    {
        var reason = database.Dialect.Schema.Explain(e) ?? $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.";
        return new StartupException($"The database '{address.Display}' cannot be used: {reason}");
    }

    private static Database Open(DatabaseAddress address, int maxConnections)
    {
        if (address is SqliteAddress file)
        {
            var (readers, writer) = Sqlite.Open(file.Path, Environment.ProcessorCount * 2);
            return new Database(readers, writer, Sqlite.Dialect);
        }

        var source = new MySqlSource((MySqlAddress)address, maxConnections);
        return new Database(source, source, MySqlDatabase.Dialect);
    }
}

internal static class DatabasesExtensions
{
    /// <summary>Adds the databases; the services dispose of them.</summary>
    public static IServiceCollection AddDatabases(this IServiceCollection services, Databases databases) => services
        .AddSingleton(_ => databases)
        .AddSingleton(_ => new TrackingDatabase(databases.Tracking))
        .AddSingleton(_ => new RegistryDatabase(databases.Registry, holdsTracking: databases.AreOne));
}

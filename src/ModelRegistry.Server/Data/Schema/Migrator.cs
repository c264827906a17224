using System.Data.Common;
using System.Reflection;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Data.Schema;

/// <summary>
/// Brings a database to MLflow's schema head and to ours. The first script is MLflow's own schema; the others add tables and indexes
/// prefixed <c>mr_</c> and never touch MLflow's.
/// </summary>
/// <param name="allowUnknownSchema">Write to a database whose MLflow revision is not known to this build.</param>
/// <param name="warn">Takes a sentence on what does not keep the server from starting, but will matter later.</param>
internal sealed class Migrator(Database database, bool allowUnknownSchema, Action<string> warn)
{
    private const string Head = "7d34483879f0";

    // Revisions of MLflow 3.12 to 3.17: none of them changes a table that we write, but for a wider column.
    private static readonly string[] KnownHeads =
    [
        Head, "da6fb0208061", "89d3d66ed43f", "b7e4c1a90f23", "a8b9c0d1e2f3", "6f8d9c3b2a1e", "1971f2d9a75b", "17e22815139b", "b7e2c1a4d9f3",
        "75868b020152", "7c4d9e2f1a86", "c3d9f1a75b28", "e7d1f4b2a9c6", "4b75f9a0c123", "a6d4e8b2c901", "dc11669786a5", "e8f9a0b1c2d3",
    ];

    /// <summary>Creates what is missing; does nothing on a database that is up to date. Any number of replicas may call it at once.</summary>
    /// <remarks>MySQL ends a transaction at each CREATE TABLE: there a lock is held, and each statement stands for itself.</remarks>
    /// <exception cref="StartupException">The database was made by another version of MLflow than we can write to.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        database.Dialect.Schema is { Lock: { } take, Unlock: { } release }
            ? database.ReadAsync(scope => PrepareLockedAsync(scope, take, release), cancellationToken)
            : database.WriteAsync(PrepareAsync, cancellationToken);

    /// <summary>What <see cref="PrepareAsync(CancellationToken)"/> would find and do, in words.</summary>
    /// <exception cref="StartupException">It would refuse the database.</exception>
    public Task<string> DescribeAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            async scope =>
            {
                var tables = await scope.QueryAsync<string>(database.Dialect.Schema.TableNames);
                var found = await FindKnownRevisionAsync(scope, tables);
                var done = tables.Contains("mr_schema") ? await scope.QueryAsync<string>("SELECT script FROM mr_schema") : [];
                var missing = Scripts().Count(script => !done.Contains(script.Name) && !(script.IsMlflowSchema && found is not null));
                return $"{(found is null ? "no MLflow schema yet" : $"MLflow schema {found}")}, "
                    + (missing == 0 ? "up to date" : $"{missing} scripts to run at the start");
            },
            cancellationToken);

    private async Task<bool> PrepareLockedAsync(SqlScope scope, string take, string release)
    {
        await scope.FindAsync<long?>(take);
        try
        {
            await PrepareAsync(scope);
        }
        finally
        {
            await scope.FindAsync<long?>(release);
        }

        return true;
    }

    private async Task PrepareAsync(SqlScope scope)
    {
        var tables = await scope.QueryAsync<string>(database.Dialect.Schema.TableNames);
        var found = await FindKnownRevisionAsync(scope, tables);
        await CheckCharactersAsync(scope, tables);
        if (!tables.Contains("mr_schema"))
            await scope.ExecuteAsync("CREATE TABLE IF NOT EXISTS mr_schema (script VARCHAR(100) NOT NULL PRIMARY KEY)");
        var done = await scope.QueryAsync<string>("SELECT script FROM mr_schema");
        foreach (var script in Scripts().Where(script => !done.Contains(script.Name)))
            await ApplyAsync(scope, script, isThere: script.IsMlflowSchema && found is not null);
        await RequirePrivilegesAsync(scope);
    }

    // MLflow's own server leaves the character set to the database, whose default may be latin1: its tables work, for what fits into them.
    private async Task CheckCharactersAsync(SqlScope scope, List<string> tables)
    {
        if (tables.Count == 0 || database.Dialect.Schema.LossyTables is not { } query)
            return;
        var lossy = await scope.QueryAsync<string>(query);
        if (lossy.Count > 0)
        {
            warn(
                $"warning: The database has tables that are not utf8mb4, and characters that do not fit into them are refused: {string.Join(", ", lossy.Order(StringComparer.Ordinal).Take(5))}"
                + $"{(lossy.Count > 5 ? $" and {lossy.Count - 5} more" : "")}. Convert each with 'ALTER TABLE name CONVERT TO CHARACTER SET utf8mb4'.");
        }
    }

    /// <summary>Writes nothing, but fails now rather than at a request if the user may not write.</summary>
    private static async Task RequirePrivilegesAsync(SqlScope scope)
    {
        await scope.ExecuteAsync("INSERT INTO mr_schema (script) SELECT script FROM mr_schema WHERE 1 = 0");
        await scope.ExecuteAsync("UPDATE mr_schema SET script = script WHERE 1 = 0");
        await scope.ExecuteAsync("DELETE FROM mr_schema WHERE 1 = 0");
    }

    /// <exception cref="StartupException">The revision is not known.</exception>
    private async Task<string?> FindKnownRevisionAsync(SqlScope scope, List<string> tables)
    {
        var found = await FindMlflowRevisionAsync(scope, tables);
        return found is null || KnownHeads.Contains(found) || allowUnknownSchema ? found : throw UnknownRevision(found);
    }

    private static async Task<string?> FindMlflowRevisionAsync(SqlScope scope, List<string> tables)
    {
        // No revision in its table: our own first start was interrupted where the database commits each CREATE TABLE by itself.
        if (tables.Contains("alembic_version"))
            return await scope.FindAsync<string>("SELECT version_num FROM alembic_version");
        return tables.Contains("experiments") ? "of a version before 1.0" : null;
    }

    private async Task ApplyAsync(SqlScope scope, Script script, bool isThere)
    {
        foreach (var statement in isThere ? [] : script.ReadStatements())
            await DefineAsync(scope, statement);
        if (script.IsMlflowSchema && !isThere)
            await scope.ExecuteAsync("INSERT INTO alembic_version (version_num) VALUES (@Head)", new { Head });
        await scope.ExecuteAsync("INSERT INTO mr_schema (script) VALUES (@Name)", script);
    }

    private async Task DefineAsync(SqlScope scope, string statement)
    {
        try
        {
            await scope.ExecuteAsync(statement);
        }
        catch (DbException e) when (database.Dialect.Schema.IsAlreadyDefined(e))
        {
            // Made by a start that was interrupted before it could write that down.
        }
    }

    private static StartupException UnknownRevision(string found) => new(
        $"The database has MLflow schema revision {found}, which this version of ModelRegistry does not know (it writes {Head} and later known ones). "
        + "For an older database run 'mlflow db upgrade' with MLflow 3.11 first; for a newer one upgrade ModelRegistry. "
        + "To use it as it is, start with --allow-unknown-schema.");

    private IEnumerable<Script> Scripts()
    {
        var prefix = $"Data/Schema/{database.Dialect.Schema.Folder}/";
        return Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new Script(name, name[prefix.Length..^".sql".Length]));
    }

    /// <param name="Resource">Name of the embedded file.</param>
    /// <param name="Name">Name under which it is remembered: <c>NNNN_title</c>.</param>
    private sealed record Script(string Resource, string Name)
    {
        public bool IsMlflowSchema => Name.StartsWith("0001_", StringComparison.Ordinal);

        /// <summary>The statements, which the files separate by a semicolon and an empty line.</summary>
        public string[] ReadStatements()
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!);
            return reader.ReadToEnd().Split(";\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
    }
}

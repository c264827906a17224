using ModelRegistry.Server;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using ModelRegistry.Server.Data.Schema;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>What a server finds at start on MySQL, and what it tells the operator.</summary>
public sealed class MySqlStartTests : IAsyncLifetime
{
    private const string Head = "7d34483879f0";
    private readonly string name = $"start_{Guid.NewGuid():N}";
    private readonly string user = $"u{Guid.NewGuid():N}"[..16];
    private MariaDbServer server = null!;

    public async Task InitializeAsync()
    {
        if (MariaDbServer.SkipReason is null)
            server = await TestDatabase.SharedMariaDbAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [MariaDbFact]
    public async Task A_fresh_database_gets_utf8mb4_tables_whatever_its_default_is()
    {
        await RunAsync($"CREATE DATABASE {name} CHARACTER SET latin1");

        await OpenAsync();
        await OpenAsync();

        Assert.Equal(0L, await RunAsync(
            $"SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{name}' AND table_name <> 'mr_schema' AND character_set_name <> 'utf8mb4'"));
        Assert.Equal(Head, await RunAsync($"SELECT version_num FROM {name}.alembic_version"));
    }

    [MariaDbFact]
    public async Task A_start_that_was_interrupted_is_finished_by_the_next()
    {
        await RunAsync($"CREATE DATABASE {name}");
        await OpenAsync();
        await RunAsync($"DELETE FROM {name}.mr_schema; DELETE FROM {name}.alembic_version; DROP TABLE {name}.webhook_events; DROP INDEX mr_logged_models_run ON {name}.logged_models");

        await OpenAsync();

        Assert.Equal(0L, await RunAsync($"SELECT COUNT(*) FROM {name}.webhook_events"));
        Assert.Equal(Head, await RunAsync($"SELECT version_num FROM {name}.alembic_version"));
        Assert.Equal(1L, await RunAsync(
            $"SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = '{name}' AND index_name = 'mr_logged_models_run'"));
    }

    [MariaDbFact]
    public async Task Tables_that_cannot_hold_every_character_are_named()
    {
        await RunAsync(
            $"CREATE DATABASE {name} CHARACTER SET latin1; CREATE TABLE {name}.alembic_version (version_num VARCHAR(32)); "
            + $"CREATE TABLE {name}.experiments (name VARCHAR(256)); INSERT INTO {name}.alembic_version VALUES ('{Head}')");
        var warnings = new List<string>();
        var source = new MySqlSource(MySqlAddress.Parse($"mysql://root@127.0.0.1:{server.Port}/{name}"), 2);
        using var database = new Database(source, source, MySqlDatabase.Dialect);

        // The two tables alone are no schema, which shows right after the warning.
        await Assert.ThrowsAsync<MySqlException>(() => new Migrator(database, allowUnknownSchema: false, warnings.Add).PrepareAsync(default));

        Assert.Equal(
            "warning: The database has tables that are not utf8mb4, and characters that do not fit into them are refused: alembic_version, experiments. "
            + "Convert each with 'ALTER TABLE name CONVERT TO CHARACTER SET utf8mb4'.",
            Assert.Single(warnings));
    }

    [MariaDbFact]
    public async Task An_unknown_revision_is_refused()
    {
        await RunAsync($"CREATE DATABASE {name}; CREATE TABLE {name}.alembic_version (version_num VARCHAR(32)) CHARACTER SET utf8mb4; "
            + $"INSERT INTO {name}.alembic_version VALUES ('0123456789ab')");

        Assert.StartsWith("The database has MLflow schema revision 0123456789ab, which this version of ModelRegistry does not know", await RefusalAsync(), StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task A_user_who_may_not_create_tables_is_told()
    {
        await RunAsync($"CREATE DATABASE {name}; CREATE USER {user}; GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user}");

        var refusal = await RefusalAsync(user);

        Assert.StartsWith($"The database 'mysql://{user}@127.0.0.1:{server.Port}/{name}' cannot be used: a privilege is missing (CREATE command denied", refusal, StringComparison.Ordinal);
        Assert.EndsWith("Grant the user SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX and REFERENCES on it; once the tables exist, the first four are enough.", refusal, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task Once_the_tables_exist_reading_and_writing_rows_is_enough_and_needed()
    {
        await RunAsync($"CREATE DATABASE {name}; CREATE USER {user}; GRANT SELECT ON {name}.* TO {user}");
        await OpenAsync();

        Assert.Contains("a privilege is missing (INSERT command denied", await RefusalAsync(user), StringComparison.Ordinal);
        await RunAsync($"GRANT INSERT, UPDATE, DELETE ON {name}.* TO {user}");
        await OpenAsync(user);
    }

    [MariaDbFact]
    public async Task The_privileges_that_are_asked_for_suffice_on_an_empty_database()
    {
        await RunAsync($"CREATE DATABASE {name}; CREATE USER {user}; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON {name}.* TO {user}");

        await OpenAsync(user);
    }

    [MariaDbFact]
    public async Task A_database_that_is_not_there_is_named()
    {
        Assert.Equal(
            $"The database 'mysql://root@127.0.0.1:{server.Port}/{name}' cannot be used: it does not exist. "
            + "Create it with 'CREATE DATABASE name CHARACTER SET utf8mb4'.",
            await RefusalAsync());
        await RunAsync($"CREATE USER {user}");
        Assert.Contains("it does not exist, or the user has no privilege on it.", await RefusalAsync(user), StringComparison.Ordinal);
        Assert.Contains("the server refused the login (Access denied", await RefusalAsync($"{user}:wrong"), StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task A_login_method_that_is_not_supported_is_told()
    {
        await RunAsync($"INSTALL SONAME 'auth_ed25519'; CREATE USER {user} IDENTIFIED VIA ed25519 USING PASSWORD('x')");

        Assert.EndsWith(
            "cannot be used: the user logs in by a method that is not supported. Give it mysql_native_password, caching_sha2_password or GSSAPI.",
            await RefusalAsync($"{user}:x"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => Databases.OpenAsync(new ServerOptions { BackendStoreUri = "mysql://u:secret@127.0.0.1:1/d" }, default));

        Assert.StartsWith("The database 'mysql://u@127.0.0.1:1/d' cannot be used: the server cannot be reached (", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    private async Task OpenAsync(string login = "root")
    {
        using var stores = await Databases.OpenAsync(
            new ServerOptions { BackendStoreUri = $"mysql://{login}@127.0.0.1:{server.Port}/{name}", DatabasePoolSize = 2 }, default);
    }

    private async Task<string> RefusalAsync(string login = "root") => (await Assert.ThrowsAsync<StartupException>(() => OpenAsync(login))).Message;

    private async Task<object?> RunAsync(string sql)
    {
        await using var source = new MySqlDataSource(server.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}

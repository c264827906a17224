using System.Data.Common;
using System.Diagnostics.Metrics;
using ModelRegistry.Server;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Data.MySql;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>Sessions and transactions as the server promises them to itself.</summary>
public sealed class MySqlSourceTests : MySqlFixture
{
    [MariaDbFact]
    public async Task Every_use_of_a_session_is_at_read_committed_and_strict()
    {
        var database = Open(Connect(maxConnections: 1));
        for (var use = 0; use < 3; use++)
        {
            var seen = await database.WriteAsync(
                async scope =>
                {
                    await InsertAsync(scope, use);
                    return await scope.FindAsync<string>("SELECT CONCAT_WS(' ', @@tx_isolation, @@in_transaction, @@innodb_lock_wait_timeout, @@sql_mode)");
                },
                default);
            Assert.StartsWith("READ-COMMITTED 1 20 ", seen, StringComparison.Ordinal);
            Assert.Contains("STRICT_TRANS_TABLES", seen, StringComparison.Ordinal);
        }

        Assert.Equal(1, Proxy.Connections);
    }

    [MariaDbFact]
    public async Task Ids_of_36_characters_are_text()
    {
        var id = Guid.NewGuid().ToString();
        Assert.Equal(id, await Direct.ReadAsync(scope => scope.FindAsync<string>("SELECT CAST(@id AS CHAR(36))", new { id }), default));
    }

    [MariaDbFact]
    public async Task A_write_that_does_nothing_asks_nothing()
    {
        var database = Open(Connect());
        await database.WriteAsync(scope => InsertAsync(scope, 1), default);
        var before = Proxy.RoundTrips;

        await database.WriteAsync(_ => Task.CompletedTask, default);

        Assert.Equal(before, Proxy.RoundTrips);
    }

    [MariaDbFact]
    public async Task A_transaction_left_open_is_rolled_back_before_the_next_begins()
    {
        var source = Connect(maxConnections: 1);
        await using (var session = await source.OpenConnectionAsync())
        await using (var transaction = await session.BeginTransactionAsync())
            await InsertAsync(ScopeOf(session, transaction), 1);
        await Open(source).WriteAsync(scope => InsertAsync(scope, 2), default);

        Assert.Equal([2], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task A_rollback_that_fails_keeps_the_session_from_everybody()
    {
        var source = Connect(maxConnections: 1);
        Proxy.LoseAnswerTo("ROLLBACK");
        await using (var session = await source.OpenConnectionAsync())
        await using (var transaction = await session.BeginTransactionAsync())
            await InsertAsync(ScopeOf(session, transaction), 1);
        await Open(source).WriteAsync(scope => InsertAsync(scope, 2), default);

        Assert.Equal([2], await ItemsAsync());
        Assert.Equal(2, Proxy.Connections);
    }

    [MariaDbTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guarded_transaction_that_the_server_has_ended_is_a_conflict_and_no_commit(bool isEnded)
    {
        await using (var session = (MySqlSession)await Connect().OpenConnectionAsync())
        await using (var transaction = new DeferredTransaction(session, isGuarded: true))
        {
            var scope = ScopeOf(session, transaction);
            await InsertAsync(scope, 1);
            await transaction.SaveAsync("member");
            await InsertAsync(scope, 2);
            if (isEnded)
            {
                // As a cluster does for the one that lost.
                await scope.ExecuteAsync("ROLLBACK");
                var refusal = await Assert.ThrowsAsync<WriteConflictException>(() => transaction.CommitAsync());
                Assert.True(MySqlDatabase.Dialect.IsConflict(refusal));
            }
            else
            {
                await transaction.CommitAsync();
            }
        }

        Assert.Equal(isEnded ? [] : [1, 2], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task Going_back_to_a_savepoint_that_was_never_set_does_not_go_back_further()
    {
        await using var session = await Connect().OpenConnectionAsync();
        await using var transaction = (DeferredTransaction)await session.BeginTransactionAsync();
        var scope = ScopeOf(session, transaction);
        await InsertAsync(scope, 1);
        await transaction.SaveAsync("member");
        await InsertAsync(scope, 2);
        await transaction.SaveAsync("member");
        transaction.Lead("a statement that is never sent");

        await Assert.ThrowsAnyAsync<DbException>(() => transaction.RollbackAsync("member"));
        await transaction.SaveAsync("member");
        await InsertAsync(scope, 3);
        await transaction.RollbackAsync("member");
        await transaction.CommitAsync();

        Assert.Equal([1, 2], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task A_statement_that_is_repeated_begins_its_transaction_once()
    {
        await Open(Connect()).WriteAsync(
            async scope =>
            {
                Assert.Equal(2, await scope.ExecuteEachAsync("INSERT INTO items (id) VALUES (@p0)", [[1], [2]]));
                Assert.Empty(await ItemsAsync());
            },
            default);

        Assert.Equal([1, 2], await ItemsAsync());
    }

    [MariaDbFact]
    public async Task The_pool_counts_what_it_holds()
    {
        var counts = new Dictionary<string, int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "db.client.connection.count")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(tag => tag.Key, tag => (string)tag.Value!);
            if (all["db.client.connection.pool.name"] == "localhost")
                counts[all["db.client.connection.state"]] = value;
        });
        await using var source = new MySqlSource(MySqlAddress.Parse($"mysql://root@localhost:{Proxy.Port}/{Name}"), 4);
        await using (await source.OpenConnectionAsync())
        await using (await source.OpenConnectionAsync())
        await using (await source.OpenConnectionAsync())
        {
        }

        await using var used = await source.OpenConnectionAsync();
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal((2, 1), (counts["idle"], counts["used"]));
    }

    [MariaDbTheory]
    [InlineData("127.0.0.1", "ssl_disabled=true", false)]
    [InlineData("127.0.0.1", "", true)]
    [InlineData("127.0.0.1", "ssl_mode=REQUIRED", true)]
    [InlineData("127.0.0.1", "ssl_ca={ca}", true)]
    [InlineData("localhost", "ssl_ca={ca}&ssl_verify_identity=true", true)]
    public async Task Tls_is_used_as_asked_for(string host, string options, bool isEncrypted)
    {
        var authority = (await TestDatabase.SharedMariaDbAsync()).AuthorityFile;
        await using var source = new MySqlSource(
            MySqlAddress.Parse($"mysql://root@{host}:{Proxy.Port}/{Name}?{options.Replace("{ca}", authority, StringComparison.Ordinal)}"), 1);

        var cipher = await Open(source).ReadAsync(
            scope => scope.FindAsync<string>("SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"), default);

        Assert.Equal(isEncrypted, cipher!.Length > 0);
    }

    [MariaDbTheory]
    [InlineData("127.0.0.1", "ssl_ca={ca}&ssl_verify_identity=true")]
    [InlineData("localhost", "ssl_ca={other}")]
    public async Task A_certificate_that_does_not_hold_is_refused_and_named(string host, string options)
    {
        var authority = (await TestDatabase.SharedMariaDbAsync()).AuthorityFile;
        var folder = Directory.CreateTempSubdirectory().FullName;
        TestCertificates.Write(folder);
        var query = options.Replace("{ca}", authority, StringComparison.Ordinal).Replace("{other}", Path.Combine(folder, "ca.pem"), StringComparison.Ordinal);

        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => Databases.OpenAsync(new ServerOptions { BackendStoreUri = $"mysql://root@{host}:{Proxy.Port}/{Name}?{query}" }, default));

        Assert.Contains("the server cannot be reached (SSL Authentication Error: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", refusal.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static SqlScope ScopeOf(DbConnection session, DbTransaction transaction) => new(session, transaction, MySqlDatabase.Dialect, default);
}

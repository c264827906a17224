using System.Data.Common;
using ModelRegistry.Tests;
using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class LoginTests(MariaDbFixture fixture) : MariaDbTests(fixture)
{
    [MariaDbFact]
    public async Task A_password_is_proved_and_a_wrong_one_refused()
    {
        await ExecuteAsync("CREATE OR REPLACE USER ann IDENTIFIED BY 'sécret;\"🦉'; CREATE OR REPLACE USER bob IDENTIFIED BY ''");
        var ann = new MySqlConnectionStringBuilder(Server.ConnectionString) { UserId = "ann", Password = "sécret;\"🦉" };
        Assert.Equal("ann", await UserAsync(ann.ConnectionString));
        Assert.Equal("bob", await UserAsync($"{Server.ConnectionString};User ID=bob"));
        Assert.Equal(1045, await ErrorOfAsync(() => UserAsync($"{Server.ConnectionString};User ID=ann;Password=wrong")));
        Assert.Equal(1045, await ErrorOfAsync(() => UserAsync($"{Server.ConnectionString};User ID=ann")));
        Assert.Equal(1045, await ErrorOfAsync(() => UserAsync($"{Server.ConnectionString};User ID=bob;Password=any")));
    }

    [MariaDbFact]
    public async Task An_unknown_database_and_a_forbidden_one_are_named()
    {
        await ExecuteAsync("CREATE OR REPLACE USER carl");
        Assert.Equal(1049, await ErrorOfAsync(() => UserAsync($"{Server.ConnectionString};Database=nowhere")));
        Assert.Equal(1044, await ErrorOfAsync(() => UserAsync($"{Server.ConnectionString};User ID=carl;Database=test")));
    }

    [MariaDbFact]
    public async Task A_method_that_is_not_supported_is_named()
    {
        await ExecuteAsync("INSTALL SONAME 'auth_ed25519'; CREATE OR REPLACE USER dora IDENTIFIED VIA ed25519 USING PASSWORD('x')");
        var error = await Assert.ThrowsAnyAsync<DbException>(() => UserAsync($"{Server.ConnectionString};User ID=dora;Password=x"));
        Assert.Contains("client_ed25519", error.Message, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task A_unix_socket_is_a_server_that_begins_with_a_slash()
    {
        await using var source = Driver.Create($"Server={Server.Socket};User ID=root;Database=test");
        await using var connection = await source.OpenConnectionAsync(Token);
        Assert.StartsWith("localhost", (string)(await ScalarAsync(connection, "SELECT HOST FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()"))!, StringComparison.Ordinal);
        Assert.Contains("MariaDB", connection.ServerVersion, StringComparison.Ordinal);
    }

    [MariaDbFact]
    public async Task A_server_that_is_not_there_is_an_error_that_names_it()
    {
        var error = await Assert.ThrowsAnyAsync<DbException>(() => UserAsync("Server=127.0.0.1;Port=1;User ID=root"));
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<DbException>(() => UserAsync("Server=/nowhere/mysqld.sock;User ID=root"));
        await Assert.ThrowsAnyAsync<DbException>(() => UserAsync("Server=no-such-host.invalid;User ID=root"));
    }

    [MariaDbTheory]
    [InlineData("127.0.0.1", "None", false)]
    [InlineData("127.0.0.1", "Preferred", true)]
    [InlineData("127.0.0.1", "Required", true)]
    [InlineData("127.0.0.1", "VerifyCA;SslCa={ca}", true)]
    [InlineData("localhost", "VerifyFull;SslCa={ca}", true)]
    public async Task Tls_is_used_as_asked_for(string host, string mode, bool isEncrypted)
    {
        await using var source = Driver.Create($"{ConnectionString};Server={host};SslMode={mode.Replace("{ca}", Server.AuthorityFile, StringComparison.Ordinal)}");
        await using var connection = await source.OpenConnectionAsync(Token);
        var cipher = (string)(await ScalarAsync(connection, "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'"))!;
        Assert.Equal(isEncrypted, cipher.Length > 0);
    }

    [MariaDbTheory]
    [InlineData("127.0.0.1", "VerifyCA")]
    [InlineData("127.0.0.1", "VerifyFull;SslCa={ca}")]
    [InlineData("localhost", "VerifyFull")]
    [InlineData("localhost", "VerifyCA;SslCa={other}")]
    public async Task A_certificate_that_does_not_hold_is_refused(string host, string mode)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        TestCertificates.Write(folder);
        var options = mode.Replace("{ca}", Server.AuthorityFile, StringComparison.Ordinal).Replace("{other}", Path.Combine(folder, "ca.pem"), StringComparison.Ordinal);
        var error = await Assert.ThrowsAnyAsync<DbException>(() => UserAsync($"{ConnectionString};Server={host};SslMode={options}"));
        Assert.Contains("certificate", error.Message, StringComparison.OrdinalIgnoreCase);
        Directory.Delete(folder, recursive: true);
    }

    [MariaDbFact]
    public async Task Large_values_pass_through_tls()
    {
        await using var source = CreateSource("SslMode=Required");
        await using var connection = await source.OpenConnectionAsync(Token);
        var blob = new byte[17 * 1024 * 1024];
        new Random(1).NextBytes(blob);
        Assert.Equal(blob, (byte[])(await ScalarAsync(connection, "SELECT @v", ("v", blob)))!);
    }

    private async Task<string> UserAsync(string connectionString)
    {
        await using var source = Driver.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(Token);
        return ((string)(await ScalarAsync(connection, "SELECT CURRENT_USER()"))!).Split('@')[0];
    }
}

using Xunit;

namespace ModelRegistry.MySqlClient.Tests;

public sealed class ConnectionStringTests
{
    [Fact]
    public void Options_have_the_spellings_in_use()
    {
        var options = new MySqlConnectionStringBuilder("host=db;PORT=1;uid=me;pwd=a b;Initial Catalog=x;ssl mode=verifyca;ConnectionTimeout=3;max pool size=7;TreatTinyAsBoolean=no");
        Assert.Equal(("db", 1, "me", "a b", "x"), (options.Server, options.Port, options.UserId, options.Password, options.Database));
        Assert.Equal((MySqlSslMode.VerifyCA, 3, 7, false), (options.SslMode, options.ConnectionTimeout, options.MaximumPoolSize, options.TreatTinyAsBoolean));
    }

    [Theory]
    [InlineData("Nonsense=1")]
    [InlineData("Port=0")]
    [InlineData("Port=65536")]
    [InlineData("Port=x")]
    [InlineData("Maximum Pool Size=0")]
    [InlineData("Connection Timeout=0")]
    [InlineData("Default Command Timeout=-1")]
    [InlineData("SslMode=Sometimes")]
    [InlineData("SslMode=9")]
    [InlineData("Connection Reset=perhaps")]
    [InlineData("SslCa=/nowhere.pem")]
    public void A_wrong_option_is_refused_when_the_source_is_made(string connectionString) =>
        Assert.Throws<ArgumentException>(() => new MySqlDataSource(connectionString).Dispose());

    [Fact]
    public void A_source_does_not_show_its_password()
    {
        using var source = new MySqlDataSource("Server=db;Password=secret;User ID=me");
        Assert.DoesNotContain("secret", source.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("me", source.ConnectionString, StringComparison.Ordinal);
    }
}

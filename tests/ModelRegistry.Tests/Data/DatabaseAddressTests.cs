using ModelRegistry.Server;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Data;

public sealed class DatabaseAddressTests
{
    [Theory]
    [InlineData("mysql://u:p@db.example/mlflow", "db.example", 3306, "u", "p", "mlflow")]
    [InlineData("mysql+pymysql://u:p%40ss%2Fword@10.0.0.1:3307/mlflow?charset=utf8mb4", "10.0.0.1", 3307, "u", "p@ss/word", "mlflow")]
    [InlineData("mysql+mysqldb://u%20ser@db/my%2Ddb", "db", 3306, "u ser", "", "my-db")]
    [InlineData("mariadb://u:p@db/mlflow", "db", 3306, "u", "p", "mlflow")]
    public void A_mysql_uri_is_read_as_sqlalchemy_spells_it(string uri, string host, int port, string user, string password, string database)
    {
        var address = Assert.IsType<MySqlAddress>(DatabaseAddress.Parse(uri));

        Assert.Equal((host, port, user, password, database), (address.Host, address.Port, address.User, address.Password, address.Database));
    }

    [Theory]
    [InlineData("", "Preferred")]
    [InlineData("?ssl_ca=/ca.pem", "VerifyCA")]
    [InlineData("?ssl_ca=/ca.pem&ssl_verify_identity=true", "VerifyFull")]
    [InlineData("?ssl_verify_identity=true&ssl_ca=/ca.pem", "VerifyFull")]
    [InlineData("?ssl_disabled=true", "None")]
    [InlineData("?ssl_mode=REQUIRED", "Required")]
    [InlineData("?ssl_mode=VERIFY_IDENTITY", "VerifyFull")]
    public void The_options_about_tls_are_understood(string query, string mode) =>
        Assert.Equal(mode, Assert.IsType<MySqlAddress>(DatabaseAddress.Parse($"mysql://u@h/d{query}")).SslMode);

    [Theory]
    [InlineData("", "/given.pem", "VerifyCA")]
    [InlineData("?ssl_verify_identity=true", "/given.pem", "VerifyFull")]
    [InlineData("?ssl_ca=/own.pem", "/own.pem", "VerifyCA")]
    [InlineData("?ssl_disabled=true", null, "None")]
    public void An_authority_from_elsewhere_is_taken_where_the_uri_has_none(string query, string? authority, string mode)
    {
        var address = MySqlAddress.Parse($"mysql://u@h/d{query}").WithAuthority("/given.pem");

        Assert.Equal((authority, mode), (address.SslCa, address.SslMode));
    }

    [Theory]
    [InlineData("mysql://u:secret@h/d", "mysql://u@h:3306/d")]
    [InlineData("mysql://u:secret@localhost/d?unix_socket=/run/mysqld/mysqld.sock", "mysql://u@/run/mysqld/mysqld.sock/d")]
    public void The_password_is_never_shown(string uri, string shown) => Assert.Equal(shown, DatabaseAddress.Parse(uri).Display);

    [Theory]
    [InlineData("mysql://u@h/d?charset=latin1", "The database option charset=latin1 would lose characters. Leave it out, or use utf8mb4.")]
    [InlineData("mysql://u@h/d?connect_timeout=soon", "The database option connect_timeout=soon is not a number of seconds.")]
    [InlineData("mysql://u@h/d?ssl_mode=MAYBE", "The database option ssl_mode=MAYBE is not known. Use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.")]
    public void A_bad_option_is_refused_in_one_sentence(string uri, string message) =>
        Assert.Equal(message, Assert.Throws<StartupException>(() => DatabaseAddress.Parse(uri)).Message);
}

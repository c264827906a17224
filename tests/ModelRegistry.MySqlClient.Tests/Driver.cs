using System.Data.Common;

namespace ModelRegistry.MySqlClient.Tests;

/// <summary>The driver under test. The tests against a real server name nothing but System.Data.Common otherwise.</summary>
internal static class Driver
{
    public static DbDataSource Create(string connectionString) => new MySqlDataSource(connectionString);

    public static int NumberOf(DbException exception) => ((MySqlException)exception).Number;
}

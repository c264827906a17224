using MySqlConnector;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>
/// Why the server does not prepare statements: on MariaDB, MySqlConnector then gives columns the names of another statement's. MariaDB leaves out the
/// description of the columns when it has not changed; MySqlConnector keeps what it was told before in a buffer that the next result overwrites.
/// </summary>
/// <remarks>
/// The test says what the library does now. When it fails, a new version has mended this: then take away <c>IgnorePrepare</c> in <c>MySqlSource</c>, have
/// <c>SqlScope</c> prepare single statements with parameters (never batches: prepared, each of their members is a round trip of its own), bound how many
/// a session keeps, run all tests on MariaDB, measure, and rewrite <c>docs/decisions/0003-mysql-driver.md</c>.
/// </remarks>
public sealed class PreparedStatementTests
{
    private const int Executions = 6;

    [MariaDbTheory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Columns_of_a_prepared_statement_get_the_names_of_another_but_not_those_of_a_text(bool isPrepared, bool areNamesRight)
    {
        var server = await TestDatabase.SharedMariaDbAsync();
        await using var source = new MySqlDataSource($"{server.ConnectionString};IgnorePrepare={!isPrepared}");
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new MySqlCommand("SELECT @value AS verdict", connection);
        command.Parameters.AddWithValue("@value", "yes");
        await command.PrepareAsync();

        var names = new List<string>();
        for (var execution = 0; execution < Executions; execution++)
        {
            names.Add(await NameOfColumnAsync(command));
            await using var other = new MySqlCommand("SELECT 'no' AS another", connection);
            Assert.Equal("another", await NameOfColumnAsync(other));
        }

        Assert.Equal(areNamesRight, names.TrueForAll(name => name == "verdict"));
    }

    private static async Task<string> NameOfColumnAsync(MySqlCommand command)
    {
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            Assert.True(await reader.ReadAsync());
            return reader.GetName(0);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What is in the buffer by then may be no description of a column at all.
            return e.Message;
        }
    }
}

using System.Data.Common;
using ModelRegistry.Server.Data.MySqlDrivers;

namespace ModelRegistry.Server.Data;

/// <summary>What to do about the reasons for which MySQL cannot be used at start.</summary>
internal static class MySqlAdvice
{
    private const int DatabaseDenied = 1044;
    private const int LoginDenied = 1045;
    private const int UnknownDatabase = 1049;
    private const int CommandDenied = 1142;

    private const string Privileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX and REFERENCES";

    /// <returns>null when there is no better sentence than the server's own.</returns>
    public static string? Explain(DbException exception) => MySqlDriver.ErrorNumber(exception) switch
    {
        UnknownDatabase => "it does not exist. Create it with 'CREATE DATABASE name CHARACTER SET utf8mb4'.",
        DatabaseDenied => "it does not exist, or the user has no privilege on it. Grant the user " + Privileges + " on it.",
        CommandDenied => $"a privilege is missing ({Server(exception)}). Grant the user {Privileges} on it; once the tables exist, the first four are enough.",
        LoginDenied => $"the server refused the login ({Server(exception)}).",
        _ when MySqlDriver.IsConnectionLost(exception) => $"the server cannot be reached ({Server(exception)}).",
        _ => null,
    };

    private static string Server(DbException exception) => exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
}

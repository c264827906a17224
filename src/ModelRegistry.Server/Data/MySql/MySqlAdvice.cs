using System.Data.Common;
using System.Security.Authentication;

namespace ModelRegistry.Server.Data.MySql;

/// <summary>What to do about the reasons for which MySQL cannot be used at start.</summary>
internal static class MySqlAdvice
{
    private const int DatabaseDenied = 1044;
    private const int LoginDenied = 1045;
    private const int UnknownDatabase = 1049;
    private const int CommandDenied = 1142;

    private const string Privileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX and REFERENCES";

    /// <returns>null when there is no better sentence than the server's own.</returns>
    public static string? Explain(DbException exception) => MySqlErrors.NumberOf(exception) switch
    {
        UnknownDatabase => "it does not exist. Create it with 'CREATE DATABASE name CHARACTER SET utf8mb4'.",
        DatabaseDenied => "it does not exist, or the user has no privilege on it. Grant the user " + Privileges + " on it.",
        CommandDenied => $"a privilege is missing ({Server(exception)}). Grant the user {Privileges} on it; once the tables exist, the first four are enough.",
        LoginDenied => $"the server refused the login ({Server(exception)}).",
        _ when exception.Message.Contains("AllowPublicKeyRetrieval", StringComparison.Ordinal) =>
            "the user logs in by caching_sha2_password, which needs TLS (ssl_mode=REQUIRED) or allow_public_key_retrieval=true.",
        _ when MySqlErrors.IsConnectionLost(exception) => $"the server cannot be reached ({Server(exception)}).",
        _ => null,
    };

    private static string Server(DbException exception)
    {
        var message = exception.InnerException is AuthenticationException reason ? $"{exception.Message}: {reason.Message}" : exception.Message;
        return message.ReplaceLineEndings(" ").TrimEnd('.');
    }
}

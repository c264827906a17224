using System.Globalization;
using System.Text;
using Dapper;

namespace ModelRegistry.Server.Data;

/// <summary>Many rows in few statements: Dapper would send one statement per row.</summary>
internal static class BulkInsert
{
    // SQLite takes 32,766 parameters in a statement, MySQL 65,535; far fewer already make the statement's overhead vanish.
    private const int MaxParameters = 2_000;

    /// <summary>
    /// Inserts <paramref name="rows"/>, each an array in the order of <paramref name="columns"/>; <paramref name="tail"/> says what happens
    /// to rows that are there already. How many were new is not told: databases count kept rows differently.
    /// </summary>
    public static async Task InsertAsync(
        this SqlScope scope, string table, string[] columns, IReadOnlyList<object?[]> rows, string tail = "")
    {
        foreach (var chunk in rows.Chunk(Math.Max(1, MaxParameters / columns.Length)))
            await scope.ExecuteAsync(Statement(table, columns, chunk.Length, tail), Parameters(chunk));
    }

    private static string Statement(string table, string[] columns, int rowCount, string tail)
    {
        var sql = new StringBuilder($"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ");
        for (var row = 0; row < rowCount; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < columns.Length; column++)
                sql.Append(CultureInfo.InvariantCulture, $"{(column == 0 ? "" : ", ")}@p{(row * columns.Length) + column}");
            sql.Append(')');
        }

        return sql.Append(' ').Append(tail).ToString();
    }

    private static DynamicParameters Parameters(object?[][] rows)
    {
        var parameters = new DynamicParameters();
        var index = 0;
        foreach (var value in rows.SelectMany(row => row))
            parameters.Add(string.Create(CultureInfo.InvariantCulture, $"p{index++}"), value);
        return parameters;
    }
}

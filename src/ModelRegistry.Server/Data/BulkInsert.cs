using System.Data.Common;
using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Data;

/// <summary>Many rows in as few statements as suits the database.</summary>
internal static class BulkInsert
{
    // Few sizes, so that statements stay prepared; below the smallest each size has its own.
    private static readonly int[] Sizes = [1000, 500, 250, 100, 50, 25];

    /// <summary>
    /// Inserts <paramref name="rows"/>, each an array in the order of <paramref name="columns"/>; <paramref name="tail"/> says what happens
    /// to rows that are there already. How many were new is not told: databases count kept rows differently.
    /// </summary>
    public static async Task InsertAsync(
        this SqlScope scope, string table, string[] columns, IReadOnlyList<object?[]> rows, string tail = "")
    {
        for (var start = 0; start < rows.Count;)
        {
            var rest = rows.Count - start;
            var size = Math.Min(scope.Dialect.MaxRowsPerInsert, Array.Find(Sizes, size => size <= rest) is > 0 and var fitting ? fitting : rest);
            var end = start + (rest - (rest % size));
            await InsertAsync(scope, Statement(table, columns, size, tail), rows, start, end, size);
            start = end;
        }
    }

    /// <summary>Runs one statement, prepared once, for each group of rows from <paramref name="start"/> to <paramref name="end"/>.</summary>
    private static async Task InsertAsync(
        SqlScope scope, string sql, IReadOnlyList<object?[]> rows, int start, int end, int perStatement)
    {
        if (start == end)
            return;
        await using var command = scope.CreateCommand(sql);
        for (var first = start; first < end; first += perStatement)
        {
            Bind(command, rows, first, perStatement);
            await scope.ExecuteAsync(command);
        }
    }

    private static void Bind(DbCommand command, IReadOnlyList<object?[]> rows, int first, int count)
    {
        var index = 0;
        for (var row = first; row < first + count; row++)
        {
            foreach (var value in rows[row])
            {
                if (index == command.Parameters.Count)
                {
                    var parameter = command.CreateParameter();
                    parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{index}");
                    command.Parameters.Add(parameter);
                }

                command.Parameters[index++].Value = value ?? DBNull.Value;
            }
        }
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
}

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
            await scope.ExecuteEachAsync(Statement(table, columns, size, tail), Batches(rows, start, end, size));
            start = end;
        }
    }

    /// <summary>The values of so many rows at a time, one after the other; what is answered is used before the next is asked for.</summary>
    private static IEnumerable<object?[]> Batches(IReadOnlyList<object?[]> rows, int start, int end, int size)
    {
        if (size == 1)
        {
            for (var row = start; row < end; row++)
                yield return rows[row];
            yield break;
        }

        var values = new object?[size * rows[start].Length];
        for (var row = start; row < end; row += size)
        {
            for (var i = 0; i < size; i++)
                rows[row + i].CopyTo(values, i * rows[row].Length);
            yield return values;
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

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ModelRegistry.Server.Data;

/// <summary>Rows for one table.</summary>
/// <param name="Rows">Each an array in the order of <paramref name="Columns"/>.</param>
/// <param name="Tail">Says what happens to rows that are there already.</param>
internal sealed record Insertion(string Table, string[] Columns, IReadOnlyList<object?[]> Rows, string Tail = "");

/// <summary>Many rows in as few statements as suits the database.</summary>
internal static class BulkInsert
{
    // More would keep a transaction's locks while values are still on the way.
    private const int MaxTogether = 8;

    // Few sizes, so that statements stay prepared; below the smallest each size has its own.
    private static readonly int[] Sizes = [1000, 500, 250, 100, 50, 25];

    private static readonly ConcurrentDictionary<Shape, string> Texts = new();

    /// <summary>Inserts rows. How many were new is not told: databases count kept rows differently.</summary>
    public static Task InsertAsync(this SqlScope scope, string table, string[] columns, IReadOnlyList<object?[]> rows, string tail = "") =>
        scope.InsertAsync(new Insertion(table, columns, rows, tail));

    /// <summary>Inserts rows into several tables, one after the other; sent at once where the database takes them so.</summary>
    public static async Task InsertAsync(this SqlScope scope, params Insertion[] insertions)
    {
        var pieces = insertions.SelectMany(insertion => Split(insertion, scope.Dialect.MaxRowsPerInsert)).ToList();
        if (scope.CanBatch && pieces.Count > 1 && pieces.Sum(piece => piece.Count) <= MaxTogether)
        {
            await scope.ExecuteBatchAsync([.. pieces.SelectMany(piece => piece.Values.Select(values => (piece.Sql, values)))]);
            return;
        }

        foreach (var piece in pieces)
            await scope.ExecuteEachAsync(piece.Sql, piece.Values);
    }

    private static IEnumerable<Piece> Split(Insertion insertion, int maxRows)
    {
        for (var start = 0; start < insertion.Rows.Count;)
        {
            var rest = insertion.Rows.Count - start;
            var size = Math.Min(maxRows, Array.Find(Sizes, size => size <= rest) is > 0 and var fitting ? fitting : rest);
            var count = rest / size;
            var sql = Texts.GetOrAdd(new Shape(insertion.Table, insertion.Columns, size, insertion.Tail), Statement);
            yield return new Piece(sql, count, Values(insertion.Rows, start, count, size));
            start += count * size;
        }
    }

    /// <summary>The values of so many rows at a time.</summary>
    private static IEnumerable<object?[]> Values(IReadOnlyList<object?[]> rows, int start, int count, int size)
    {
        for (var row = start; row < start + (count * size); row += size)
            yield return size == 1 ? rows[row] : Concatenate(rows, row, size);
    }

    private static object?[] Concatenate(IReadOnlyList<object?[]> rows, int start, int count)
    {
        var width = rows[start].Length;
        var values = new object?[count * width];
        for (var row = 0; row < count; row++)
            rows[start + row].CopyTo(values, row * width);
        return values;
    }

    private static string Statement(Shape shape)
    {
        var sql = new StringBuilder($"INSERT INTO {shape.Table} ({string.Join(", ", shape.Columns)}) VALUES ");
        for (var row = 0; row < shape.Rows; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < shape.Columns.Length; column++)
                sql.Append(CultureInfo.InvariantCulture, $"{(column == 0 ? "" : ", ")}@p{(row * shape.Columns.Length) + column}");
            sql.Append(')');
        }

        return sql.Append(' ').Append(shape.Tail).ToString();
    }

    /// <summary>What the text of a statement depends on; there are few of them.</summary>
    private sealed record Shape(string Table, string[] Columns, int Rows, string Tail)
    {
        public bool Equals(Shape? other) =>
            other is not null && Table == other.Table && Rows == other.Rows && Tail == other.Tail && Columns.AsSpan().SequenceEqual(other.Columns);

        // The columns of a table are mostly the same.
        public override int GetHashCode() => HashCode.Combine(Table, Columns.Length, Rows);
    }

    /// <summary>A statement, how often it is run, and the values of each time.</summary>
    private sealed record Piece(string Sql, int Count, IEnumerable<object?[]> Values);
}

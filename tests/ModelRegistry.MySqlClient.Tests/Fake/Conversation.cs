using System.Buffers.Binary;
using ModelRegistry.MySqlClient.Protocol;
using static ModelRegistry.MySqlClient.Tests.Fake.Packets;

namespace ModelRegistry.MySqlClient.Tests.Fake;

/// <summary>
/// All that a server says in one long conversation: login, a text result of every type, an error, an update, a prepared statement with a
/// binary result of every type, and several results in one answer. A client that follows it reads every byte.
/// </summary>
internal static class Conversation
{
    private static readonly (ColumnType Type, ColumnFlags Flags, string Text, byte[] Binary)[] Fields =
    [
        (ColumnType.Tiny, 0, "-1", [0xFF]),
        (ColumnType.Short, ColumnFlags.Unsigned, "258", [2, 1]),
        (ColumnType.Long, 0, "-2", [0xFE, 0xFF, 0xFF, 0xFF]),
        (ColumnType.LongLong, ColumnFlags.Unsigned, "18446744073709551615", [255, 255, 255, 255, 255, 255, 255, 255]),
        (ColumnType.Float, 0, "1.5", BitConverter.GetBytes(1.5f)),
        (ColumnType.Double, 0, "-1.25e-3", BitConverter.GetBytes(-1.25e-3)),
        (ColumnType.NewDecimal, 0, "12.50", Text("12.50")),
        (ColumnType.Year, 0, "2026", [0xEA, 0x07]),
        (ColumnType.Bit, 0, "\u0001", [1, 1]),
        (ColumnType.Date, 0, "2026-05-04", [4, 0xEA, 0x07, 5, 4]),
        (ColumnType.DateTime, 0, "2026-05-04 10:20:30.000400", [11, 0xEA, 0x07, 5, 4, 10, 20, 30, 0x90, 1, 0, 0]),
        (ColumnType.Time, 0, "-26:01:02.5", [12, 1, 1, 0, 0, 0, 2, 1, 2, 0x20, 0xA1, 7, 0]),
        (ColumnType.VarString, 0, "grün 🦉", Text("grün 🦉")),
        (ColumnType.Blob, ColumnFlags.Binary, "bytes", Text("bytes")),
        (ColumnType.Json, 0, "{\"a\": 1}", Text("{\"a\": 1}")),
    ];

    /// <summary>The server's half, every packet of it.</summary>
    public static byte[] Bytes { get; } = [.. Answers().SelectMany(answer => answer.Payloads.SelectMany((payload, i) => Framed(answer.FirstSequence + i, payload)))];

    /// <summary>Follows the conversation to its end, reading every value.</summary>
    public static async Task FollowAsync(MySqlDataSource source, CancellationToken cancellationToken = default)
    {
        await using var connection = (MySqlConnection)await source.OpenConnectionAsync(cancellationToken);
        await using var command = (MySqlCommand)connection.CreateCommand();
        await ReadAllAsync(command, cancellationToken);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (MySqlException exception) when (exception.Number == 1062)
        {
            // In the script.
        }

        await command.ExecuteNonQueryAsync(cancellationToken);
        await using var prepared = (MySqlCommand)connection.CreateCommand();
        prepared.CommandText = "SELECT @a";
        prepared.Parameters.Add(new MySqlParameter { ParameterName = "a", Value = 1 });
        await ReadAllAsync(prepared, cancellationToken);
        await ReadAllAsync(command, cancellationToken);
    }

    public static async Task ReadAllAsync(MySqlCommand command, CancellationToken cancellationToken = default)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                for (var i = 0; i < reader.FieldCount; i++)
                    _ = (reader.GetName(i), reader.GetFieldType(i), reader.GetValue(i));
            }
        }
        while (await reader.NextResultAsync(cancellationToken));
    }

    private static IEnumerable<(int FirstSequence, byte[][] Payloads)> Answers()
    {
        byte[][] columns = [[(byte)Fields.Length], .. Fields.Select(field => Column(field.Type.ToString(), field.Type, field.Flags, field.Flags == ColumnFlags.Binary ? 63 : 45))];
        yield return (0, [Greeting()]);
        yield return (2, [Ok()]);
        yield return (1, [Ok()]);
        yield return (1, [.. columns, TextRow([.. Fields.Select(field => field.Text)]), TextRow(new string?[Fields.Length]), End()]);
        yield return (1, [Error(1062, "23000", "Duplicate entry")]);
        yield return (1, [Ok(affected: 2, ServerStatus.InTransaction)]);
        yield return (1, [PrepareOk(1, 1), Column("?", ColumnType.VarString), Column("a", ColumnType.Long)]);
        yield return (1, [.. columns, BinaryRow(), End()]);
        yield return (1, [[1], Column("a", ColumnType.Long), TextRow("1"), End(ServerStatus.MoreResults), Ok(1, ServerStatus.MoreResults), [1], Column("b", ColumnType.Long), End()]);
    }

    private static byte[] BinaryRow()
    {
        var nulls = new byte[(Fields.Length + 9) / 8];
        BinaryPrimitives.WriteUInt16LittleEndian(nulls, 0);
        return [0, .. nulls, .. Fields.SelectMany(field => field.Binary)];
    }
}

using System.Text;
using ModelRegistry.MySqlClient.Protocol.Serialization;

namespace ModelRegistry.MySqlClient.Protocol.Payloads;

/// <summary>The server refused: number, SQLSTATE, text.</summary>
internal sealed record ErrorPayload(int Number, string SqlState, string Message)
{
    public const byte Signature = 0xFF;

    public static ErrorPayload Parse(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        reader.Skip(1);
        var number = reader.ReadUInt16();
        var rest = reader.ReadRest();

        // Errors before the handshake is through ("too many connections") come without the state.
        return rest.Length >= 6 && rest[0] == (byte)'#'
            ? new ErrorPayload(number, Encoding.ASCII.GetString(rest.Slice(1, 5)), Encoding.UTF8.GetString(rest[6..]))
            : new ErrorPayload(number, "HY000", Encoding.UTF8.GetString(rest));
    }

    public MySqlException ToException() => new(Message, Number, SqlState);
}

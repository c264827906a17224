using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GraphQLParser.AST;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>Values that stand in the query itself and hold no other, as JSON; an enum's name is a text there.</summary>
internal static class Literal
{
    /// <exception cref="GraphQlException">JSON cannot hold the value.</exception>
    public static JsonValue? Read(GraphQLValue value) => value switch
    {
        GraphQLStringValue text => Text(text.Value.Span),
        GraphQLEnumValue name => JsonValue.Create(name.Name.StringValue),
        GraphQLBooleanValue flag => JsonValue.Create(flag.BoolValue),
        GraphQLIntValue number => Number(number.Value.Span),
        GraphQLFloatValue number => Number(number.Value.Span),
        _ => null,
    };

    /// <summary>Escapes can spell halves of characters.</summary>
    private static JsonValue Text(ReadOnlySpan<char> text)
    {
        for (var rest = text; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
                throw new GraphQlException("Syntax Error: Invalid Unicode escape sequence.");
            rest = rest[length..];
        }

        return JsonValue.Create(text.ToString());
    }

    private static JsonValue Number(ReadOnlySpan<char> text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? JsonValue.Create(number)
            : throw new GraphQlException($"Syntax Error: Invalid number, '{text}'.");
    }
}

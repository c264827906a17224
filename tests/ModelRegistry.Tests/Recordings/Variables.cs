using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ModelRegistry.Tests.Recordings;

/// <summary>The <c>{{name}}</c> variables of one replay. A name that is not bound stays in the text: prompt templates look the same.</summary>
internal sealed partial class Variables
{
    private readonly Dictionary<string, JsonElement> values = [];

    /// <summary>Variables as they are before the first step.</summary>
    public static Variables WithNonce()
    {
        // The first digit is f, so that a nonce never reads as a number.
        var nonce = "f" + RandomNumberGenerator.GetHexString(7, lowercase: true);
        var variables = new Variables();
        variables.Bind("nonce", Json.Text(nonce));
        variables.Bind("nonce_b64", Json.Text(Convert.ToBase64String(Convert.FromHexString(nonce))));
        return variables;
    }

    public void Bind(string name, JsonElement value) => values[name] = value;

    /// <summary>Writes the bound variables into a text.</summary>
    public string Fill(string text) =>
        Variable().Replace(text, match => values.TryGetValue(match.Groups[1].Value, out var value) ? AsText(value) : match.Value);

    /// <summary>The typed value of a text that is exactly one variable, otherwise the filled text.</summary>
    public JsonElement Resolve(string text)
    {
        var match = Variable().Match(text);
        return match.Success && match.Length == text.Length && values.TryGetValue(match.Groups[1].Value, out var value)
            ? value
            : Json.Text(Fill(text));
    }

    /// <summary>The number that a <c>{"$int": …}</c> stands for.</summary>
    public long Integer(JsonElement digits) =>
        long.Parse(Fill(digits.GetString()!), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static string AsText(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    [GeneratedRegex(@"\{\{([a-z][a-z0-9_]*)\}\}")]
    private static partial Regex Variable();
}

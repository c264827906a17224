using System.Text;

namespace ModelRegistry.MySqlClient.Statements;

/// <summary>A statement that the server has prepared for one session.</summary>
internal sealed class PreparedStatement(uint id)
{
    public uint Id { get; } = id;

    /// <summary>The values in the order of the question marks. Long texts become bytes, because they travel ahead of the execution.</summary>
    /// <exception cref="InvalidOperationException">A parameter of the text has no value.</exception>
    public static object?[] BindValues(ParsedStatement parsed, MySqlParameterCollection parameters)
    {
        var values = new object?[parsed.ParameterNames.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = parameters.Find(parsed.ParameterNames[i])?.Value;
            values[i] = value switch
            {
                null or DBNull => null,
                string text when ExecuteWriter.IsLong(text) => Encoding.UTF8.GetBytes(text),
                _ => value,
            };
        }

        return values;
    }
}

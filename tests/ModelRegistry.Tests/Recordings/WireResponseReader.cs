using System.Globalization;
using System.Text;

namespace ModelRegistry.Tests.Recordings;

/// <summary>Takes a whole HTTP/1.1 answer apart.</summary>
internal static class WireResponseReader
{
    public static WireResponse Read(ReadOnlySpan<byte> answer, string method)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            throw new IOException($"The server hung up after {answer.Length} bytes of an answer.");
        var lines = Encoding.Latin1.GetString(answer[..end]).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = Headers(lines.AsSpan(1));
        var rest = answer[(end + 4)..];
        return new WireResponse(status, headers, method == "HEAD" ? [] : Body(rest, headers));
    }

    private static Dictionary<string, string> Headers(ReadOnlySpan<string> lines)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
        }
        return headers;
    }

    private static byte[] Body(ReadOnlySpan<byte> rest, Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Transfer-Encoding", out var coding) && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
            return Chunks(rest);
        if (!headers.TryGetValue("Content-Length", out var length))
            return rest.ToArray();
        var size = int.Parse(length, CultureInfo.InvariantCulture);
        return rest.Length >= size
            ? rest[..size].ToArray()
            : throw new IOException($"The answer was cut short: {rest.Length} of {size} bytes.");
    }

    private static byte[] Chunks(ReadOnlySpan<byte> rest)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = rest.IndexOf("\r\n"u8);
            if (line < 0)
                throw new IOException("The answer was cut short between two chunks.");
            var size = int.Parse(Encoding.ASCII.GetString(rest[..line]).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
                return body.ToArray();
            rest = rest[(line + 2)..];
            if (rest.Length < size + 2)
                throw new IOException("The answer was cut short inside a chunk.");
            body.Write(rest[..size]);
            rest = rest[(size + 2)..];
        }
    }
}

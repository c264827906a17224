using System.Buffers;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Observability;

/// <summary>Gives every request an id: the one its client or a proxy has sent, else a new one. It is in the answer and in the log.</summary>
internal static class RequestIds
{
    private const string Header = PreservedHeaders.RequestId;
    private const int MaxLength = 128;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:+/=@");

    public static Task AssignAsync(HttpContext http, RequestDelegate next)
    {
        Accept(http);
        http.Response.Headers[Header] = http.TraceIdentifier;
        return next(http);
    }

    /// <summary>Takes the id that was sent, unless it holds what has no place in a log.</summary>
    public static void Accept(HttpContext http)
    {
        if (http.Request.Headers.TryGetValue(Header, out var given) && given is [{ Length: > 0 and <= MaxLength } id] && !id.AsSpan().ContainsAnyExcept(Allowed))
            http.TraceIdentifier = id;
    }
}

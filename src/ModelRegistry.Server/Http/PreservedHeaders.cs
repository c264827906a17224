using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ModelRegistry.Server.Http;

/// <summary>The headers that the outer layers give to every answer, whatever it is in the end.</summary>
internal static class PreservedHeaders
{
    public const string RequestId = "X-Request-ID";

    private static readonly string[] Names =
    [
        RequestId, HeaderNames.Connection, HeaderNames.XContentTypeOptions, HeaderNames.XFrameOptions, HeaderNames.Vary,
        HeaderNames.AccessControlAllowCredentials, HeaderNames.AccessControlExposeHeaders, HeaderNames.AccessControlAllowOrigin,
    ];

    /// <summary>Takes back an answer that was begun, all but these.</summary>
    public static void ClearOthers(HttpResponse response)
    {
        var kept = new List<(string Name, StringValues Value)>(Names.Length);
        foreach (var name in Names)
        {
            if (response.Headers.TryGetValue(name, out var value))
                kept.Add((name, value));
        }

        response.Clear();
        foreach (var (name, value) in kept)
            response.Headers[name] = value;
    }
}

using System.Net;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Google;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>What a failure of Google Cloud Storage means, in one sentence for the operator.</summary>
internal static class GcsErrors
{
    private const int MaxMessage = 500;

    /// <summary>An answer that is no success.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="status">What came back.</param>
    /// <param name="message">What the answer says, from <see cref="MessageOfAsync"/> or <see cref="MessageOf(GoogleApiException)"/>.</param>
    /// <param name="principal">The account that asked, if it is known.</param>
    public static StoreException OfAnswer(GcsCall call, HttpStatusCode status, string message, string? principal) => status switch
    {
        _ when GcsRetry.IsTemporary(status) => new(
            $"Google Cloud Storage failed {GcsRetry.MaxAttempts} times on {call.Subject} ({(int)status}): {message}", isTemporary: true),
        HttpStatusCode.NotFound => new(
            $"The {call.Subject} of Google Cloud Storage does not exist ({message}). Create it, or correct the artifact location.", isTemporary: false),
        HttpStatusCode.Unauthorized => new(
            $"Google does not accept the credentials for {call.Subject}: {message} Check GOOGLE_APPLICATION_CREDENTIALS.", isTemporary: false),
        HttpStatusCode.Forbidden => new(
            $"Google Cloud Storage denies access to {call.Subject}: {message} Grant {call.Permission} to {principal ?? "the account of this server"}.",
            isTemporary: false),
        HttpStatusCode.BadRequest when message.Contains("requester pays", StringComparison.OrdinalIgnoreCase) => new(
            $"Requesters pay for {call.Subject}: name the project that does with --gcs-user-project.", isTemporary: false),
        HttpStatusCode.BadRequest when message.Contains("CRC32C", StringComparison.OrdinalIgnoreCase) => Damaged(call),
        _ => new($"Google Cloud Storage refused a request to {call.Subject} ({(int)status}): {message}", isTemporary: false),
    };

    /// <summary>What arrived in the bucket is not what was sent.</summary>
    public static StoreException Damaged(GcsCall call) =>
        new($"A file was damaged on its way to {call.Subject} of Google Cloud Storage, and was not kept. Send it again.", isTemporary: true);

    public static StoreException Unreachable(string endpoint, Exception inner) =>
        new($"Google Cloud Storage cannot be reached at {endpoint}: {inner.Message}", isTemporary: true, inner);

    /// <summary>Whether it is the bucket that was not found, not the object.</summary>
    public static bool IsMissingBucket(GoogleApiException failure)
    {
        var message = MessageOf(failure);
        return message.Contains("bucket", StringComparison.OrdinalIgnoreCase) && !message.Contains("No such object", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What an answer says that the library took for a failure.</summary>
    public static string MessageOf(GoogleApiException failure) => MessageOf(failure.Error?.ErrorResponseContent ?? failure.Message, reason: null);

    /// <summary>What an answer says: the JSON API's <c>error.message</c>, the XML API's code, message and details, or its text.</summary>
    public static async Task<string> MessageOfAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        MessageOf(await response.Content.ReadAsStringAsync(cancellationToken), response.ReasonPhrase);

    private static string MessageOf(string text, string? reason)
    {
        var message = OfJson(text) ?? OfXml(text) ?? text;
        message = message.Length == 0 ? reason ?? "no reason given" : message;
        message = message.Length > MaxMessage ? message[..MaxMessage] : message;
        return message.EndsWith('.') ? message : message + ".";
    }

    private static string? OfJson(string text)
    {
        try
        {
            return text.StartsWith('{') ? JsonSerializer.Deserialize(text, GcsJson.Default.GcsErrorDocument)?.Error?.Message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? OfXml(string text)
    {
        try
        {
            var error = text.StartsWith('<') ? XElement.Parse(text) : null;
            return error is { Name.LocalName: "Error" }
                ? string.Join(": ", error.Elements().Where(part => part.Name.LocalName is "Code" or "Message" or "Details").Select(part => part.Value))
                : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}

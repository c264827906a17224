using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Webhooks;

/// <summary>The changes of webhooks. Neither secrets nor what may be one, the path of an address, are written down.</summary>
internal sealed record WebhookChange : RowChange
{
    private const string Live =
        """
        SELECT 'name' AS part, NULL AS "key", name AS value FROM webhooks WHERE webhook_id = @id
        UNION ALL
        SELECT 'description', NULL, description FROM webhooks WHERE webhook_id = @id
        UNION ALL
        SELECT 'url', NULL, url FROM webhooks WHERE webhook_id = @id
        UNION ALL
        SELECT 'status', NULL, status FROM webhooks WHERE webhook_id = @id
        UNION ALL
        SELECT 'event', entity, action FROM webhook_events WHERE webhook_id = @id
        """;

    public static WebhookChange Created(string id, WebhookContent content) => Of("webhook.create", id) with
    {
        Row = null,
        Before = null,
        Facts = _ => [new("lifecycle", null, "active"), .. FactsOf([], content)],
    };

    public static WebhookChange Updated(string id, WebhookContent content) => Of("webhook.update", id) with { Facts = before => FactsOf(before, content) };

    public static WebhookChange Deleted(string id) => Of("webhook.delete", id) with
    {
        Before = null,
        Facts = _ => [new("lifecycle", "active", "deleted")],
    };

    public override string ChainIn(Workspace workspace) => $"webhook/{workspace.Name}/{Resource}";

    private static WebhookChange Of(string action, string id) => new()
    {
        Action = action,
        Kind = "webhook",
        Resource = id,
        Row = "SELECT webhook_id FROM webhooks WHERE webhook_id = @id",
        Values = [("id", id)],
        Before = Live,
        Facts = static _ => [],
    };

    /// <summary>What is not given stays as it is.</summary>
    private static IEnumerable<Fact> FactsOf(IReadOnlyList<FactRow> before, WebhookContent content)
    {
        foreach (var (field, given) in new[] { ("name", content.Name), ("description", content.Description), ("status", content.Status) })
        {
            if (given is not null)
                yield return new Fact(field, Find(before, field), given);
        }

        if (content.Url is { } url)
            yield return new Fact("url", Find(before, "url") is { } old ? Veil(old) : null, Veil(url));
        if (content.Secret is not null)
            yield return new Fact("secret", null, "set");
        if (content.Events is { } events)
            yield return new Fact("events", Events(before.Where(row => row.Part == "event").Select(row => (row.Key!, row.Value!))), Events(events.Select(item => (item.Entity, item.Action))));
    }

    private static string? Find(IReadOnlyList<FactRow> before, string part) => before.FirstOrDefault(row => row.Part == part)?.Value;

    private static string? Events(IEnumerable<(string Entity, string Action)> events) =>
        string.Join(", ", events.Select(item => $"{item.Entity}.{item.Action}").Order(StringComparer.Ordinal)) is { Length: > 0 } text ? text : null;

    /// <summary>The server, and a few digits that tell one address there from another: many receivers take the path for a password.</summary>
    private static string Veil(string url)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)))[..8];
        return Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? $"{parsed.Scheme}://{parsed.Authority}/…{digest}" : $"…{digest}";
    }
}

/// <summary>The one way to change webhooks.</summary>
internal sealed class WebhookWriter(RegistryDatabase database, ChangePipeline pipeline, TimeProvider time)
    : ChangeWriter<WebhookChange>(database, pipeline, time);

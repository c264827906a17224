using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Webhooks;

/// <summary>Creating, reading, changing and deleting webhooks; nothing is sent.</summary>
public sealed class WebhookTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private const string PublicUrl = "https://9.9.9.9/hook";
    private static readonly object[] ModelCreated = [new { entity = "REGISTERED_MODEL", action = "CREATED" }];

    [Fact]
    public async Task A_webhook_is_answered_without_its_secret_and_with_its_events_in_order()
    {
        object[] events = [new { entity = "REGISTERED_MODEL", action = "CREATED" }, new { entity = "MODEL_VERSION_TAG", action = "SET" }];

        var created = Ok(await server.PostAsync("webhooks", new { name = "hook", url = PublicUrl, events, description = "d", secret = "s3cret" }))["webhook"]!;
        var read = Ok(await server.GetAsync($"webhooks/{created["webhook_id"]}"))["webhook"]!;

        Assert.Equal(
            ["webhook_id", "name", "description", "url", "events", "status", "creation_timestamp", "last_updated_timestamp"],
            created.AsObject().Select(pair => pair.Key));
        Assert.Equal(["MODEL_VERSION_TAG.SET", "REGISTERED_MODEL.CREATED"], EventsOf(created));
        Assert.Equal("ACTIVE", (string?)created["status"]);
        Assert.True(JsonNode.DeepEquals(created, read));
    }

    [Fact]
    public async Task A_change_leaves_empty_values_alone_replaces_events_and_sets_the_status_to_active()
    {
        var id = await CreateAsync("before", status: "DISABLED");

        var changed = await PatchAsync(id, new { name = "after", description = "", url = "", events = new[] { new { entity = "PROMPT", action = "CREATED" } } });

        Assert.Equal("after", (string?)changed["name"]);
        Assert.Equal(PublicUrl, (string?)changed["url"]);
        Assert.Equal(["PROMPT.CREATED"], EventsOf(changed));
        Assert.Equal("ACTIVE", (string?)changed["status"]);
        Assert.Equal("DISABLED", (string?)(await PatchAsync(id, new { status = "DISABLED" }))["status"]);
        Assert.Equal(["PROMPT.CREATED"], EventsOf(await PatchAsync(id, new { events = Array.Empty<object>() })));
    }

    [Fact]
    public async Task A_deleted_webhook_is_gone_for_every_call()
    {
        var id = await CreateAsync("deleted");
        Ok(await server.SendAsync(HttpMethod.Delete, $"webhooks/{id}"));

        Answer[] answers =
        [
            await server.GetAsync($"webhooks/{id}"),
            await server.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { name = "x" }),
            await server.SendAsync(HttpMethod.Delete, $"webhooks/{id}"),
            await server.PostAsync($"webhooks/{id}/test", new { }),
            await server.GetAsync($"/api/2.0/modelregistry/webhooks/{id}/deliveries"),
            await server.PostAsync($"/api/2.0/modelregistry/webhooks/{id}/redeliver", new { }),
        ];

        Assert.All(answers, answer => Fails(answer, 404, "RESOURCE_DOES_NOT_EXIST", $"Webhook with ID {id} not found."));
    }

    [Fact]
    public async Task A_list_comes_in_pages_newest_first()
    {
        var first = await CreateAsync("page-1");
        await Task.Delay(5);
        var second = await CreateAsync("page-2");

        var page = Ok(await server.GetAsync("webhooks?max_results=1"));
        var next = Ok(await server.GetAsync($"webhooks?max_results=1&page_token={page["next_page_token"]}"));

        Assert.Equal(second, (string?)page["webhooks"]![0]!["webhook_id"]);
        Assert.Equal(first, (string?)next["webhooks"]![0]!["webhook_id"]);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1001")]
    public async Task A_page_has_1_to_1000_webhooks(string size) =>
        Fails(await server.GetAsync($"webhooks?max_results={size}"), 400, "INVALID_PARAMETER_VALUE", "max_results must be between 1 and 1000.");

    [Theory]
    [InlineData("http://9.9.9.9/x", "Invalid webhook URL scheme: 'http'. Allowed schemes are: https.")]
    [InlineData("https://", "Webhook URL must include a hostname: 'https://'")]
    [InlineData(" ", "Webhook URL cannot be empty or just whitespace: ' '")]
    [InlineData("https://127.0.0.1/x", "Webhook URL must not resolve to a non-public IP address. '127.0.0.1' resolves to 127.0.0.1.")]
    [InlineData("https://user@[::1]:8443/x", "Webhook URL must not resolve to a non-public IP address. '::1' resolves to ::1.")]
    [InlineData("https://0x7f.1/x", "Webhook URL must not resolve to a non-public IP address. '0x7f.1' resolves to 127.0.0.1.")]
    public async Task A_url_has_to_lead_to_a_public_address(string url, string message)
    {
        Fails(await server.PostAsync("webhooks", new { name = "u", url, events = ModelCreated }), 400, "INVALID_PARAMETER_VALUE", message);
        if (url != " ")
        {
            var id = await CreateAsync("moved");
            Fails(await server.SendAsync(HttpMethod.Patch, $"webhooks/{id}", new { url }), 400, "INVALID_PARAMETER_VALUE", message);
        }
    }

    [Theory]
    [InlineData("MODEL_VERSION_TAG", "CREATED", "Invalid action 'created' for entity 'model_version_tag'. Valid actions are: ['deleted', 'set']")]
    [InlineData("NOPE", "CREATED", "Unknown webhook entity 'NOPE'.")]
    [InlineData("PROMPT", "NOPE", "Unknown webhook action 'NOPE'.")]
    public async Task An_event_is_one_of_the_known_pairs(string entity, string action, string message) =>
        Fails(
            await server.PostAsync("webhooks", new { name = "e", url = PublicUrl, events = new[] { new { entity, action } } }),
            400, "INVALID_PARAMETER_VALUE", message);

    [Fact]
    public async Task An_event_named_twice_is_refused()
    {
        var answer = await server.PostAsync("webhooks", new { name = "twice", url = PublicUrl, events = ModelCreated.Concat(ModelCreated) });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task A_server_that_only_records_makes_no_test_call()
    {
        var id = await CreateAsync("quiet");

        var result = Ok(await server.PostAsync($"webhooks/{id}/test", new { }))["result"]!;

        Assert.False((bool)result["success"]!);
        Assert.Equal("Failed to test webhook: This server does not send webhooks (--no-webhook-delivery).", (string?)result["error_message"]);
    }

    private async Task<string> CreateAsync(string name, string status = "ACTIVE") =>
        (string)Ok(await server.PostAsync("webhooks", new { name, url = PublicUrl, events = ModelCreated, status }))["webhook"]!["webhook_id"]!;

    private async Task<JsonNode> PatchAsync(string id, object change) => Ok(await server.SendAsync(HttpMethod.Patch, $"webhooks/{id}", change))["webhook"]!;

    private static IEnumerable<string> EventsOf(JsonNode webhook) => webhook["events"]!.AsArray().Select(item => $"{item!["entity"]}.{item["action"]}");
}

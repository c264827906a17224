using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ModelRegistry.Server.Audit;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Tests.Registry;
using Xunit;
using static ModelRegistry.Tests.Registry.RegistryFixture;

namespace ModelRegistry.Tests.Audit;

/// <summary>What each change of the registry leaves behind.</summary>
public sealed class RegistryAuditTests(RegistryFixture server) : IClassFixture<RegistryFixture>
{
    /// <summary>Method, path and body of a call on a model with two versions, the first with alias and tag; the action; before and after.</summary>
    public static TheoryData<string, string, string, string, string?, string?> Calls => new()
    {
        { "PATCH", "registered-models/update", """{"description":"new"}""", "registered_model.update", """{"description":null}""", """{"description":"new"}""" },
        { "POST", "registered-models/set-tag", """{"key":"t","value":"new"}""", "registered_model_tag.set", """{"tag:t":"old"}""", """{"tag:t":"new"}""" },
        { "DELETE", "registered-models/delete-tag", """{"key":"t"}""", "registered_model_tag.delete", """{"tag:t":"old"}""", """{"tag:t":null}""" },
        { "DELETE", "registered-models/delete-tag", """{"key":"none"}""", "registered_model_tag.delete", null, null },
        { "POST", "registered-models/alias", """{"alias":"a","version":"2"}""", "alias.set", """{"alias:a":"1"}""", """{"alias:a":"2"}""" },
        { "DELETE", "registered-models/alias", """{"alias":"a"}""", "alias.delete", """{"alias:a":"1"}""", """{"alias:a":null}""" },
        {
            "POST", "model-versions/create", """{"source":"s3://b/p"}""", "model_version.create", """{"stage":null,"source":null}""",
            """{"stage":"None","source":"s3://b/p"}"""
        },
        { "PATCH", "model-versions/update", """{"version":"1","description":"new"}""", "model_version.update", """{"description":null}""", """{"description":"new"}""" },
        { "POST", "model-versions/set-tag", """{"version":"1","key":"t","value":"new"}""", "model_version_tag.set", """{"tag:t":"old"}""", """{"tag:t":"new"}""" },
        { "DELETE", "model-versions/delete-tag", """{"version":"1","key":"t"}""", "model_version_tag.delete", """{"tag:t":"old"}""", """{"tag:t":null}""" },
        {
            "POST", "model-versions/transition-stage", """{"version":"1","stage":"Production"}""", "model_version.transition", """{"stage":"None"}""",
            """{"stage":"Production"}"""
        },
        {
            "DELETE", "model-versions/delete", """{"version":"1"}""", "model_version.delete", """{"lifecycle":"active","NAME alias:a":"1"}""",
            """{"lifecycle":"deleted","NAME alias:a":null}"""
        },
        { "POST", "registered-models/rename", """{"new_name":"NAME renamed"}""", "registered_model.rename", """{"NAME renamed name":"NAME"}""", """{"NAME renamed name":"NAME renamed"}""" },
        { "DELETE", "registered-models/delete", "{}", "registered_model.delete", """{"lifecycle":"active"}""", """{"lifecycle":"deleted"}""" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Each_call_leaves_one_row(string method, string path, string body, string action, string? before, string? after)
    {
        var name = await PrepareAsync();
        var known = (await ChainAsync(name)).Count;
        var request = JsonNode.Parse(body.Replace("NAME", name, StringComparison.Ordinal))!;
        request["name"] = name;

        Ok(await server.SendAsync(new HttpMethod(method), path, request));

        var chain = await ChainAsync(name);
        var entry = Assert.Single(chain.Skip(known));
        Assert.Equal(action, entry.Action);
        Assert.Equal(before?.Replace("NAME", name, StringComparison.Ordinal), entry.BeforeJson);
        Assert.Equal(after?.Replace("NAME", name, StringComparison.Ordinal), entry.AfterJson);
        Assert.Equal(("unknown", "default"), (entry.Principal, entry.Workspace));
        Assert.NotNull(entry.RequestId);
        Assert.NotNull(entry.Address);
        Verify(chain);
        Assert.Equal(JsonNode.Parse(after ?? "{}")!.AsObject().Count, await CountHistoryAsync(entry));
    }

    [Fact]
    public async Task A_model_begins_its_chain()
    {
        var name = await server.CreateModelAsync(("t", "old"));

        var entry = Assert.Single(await ChainAsync(name));

        Assert.Equal((1, "registered_model.create", name), (entry.Position, entry.Action, entry.Resource));
        Assert.Equal("""{"lifecycle":"active","tag:t":"old"}""", entry.AfterJson);
        Assert.Equal(AuditEntry.NoHash, entry.PreviousHash);
    }

    [Fact]
    public async Task A_refused_change_leaves_nothing()
    {
        var name = await PrepareAsync();
        var known = await ChainAsync(name);

        Assert.Equal(404, (await server.PostAsync("registered-models/alias", new { name, alias = "b", version = "9" })).Status);
        Assert.Equal(400, (await server.PostAsync("registered-models/create", new { name })).Status);

        Assert.Equal(known, await ChainAsync(name));
    }

    [Fact]
    public async Task Others_that_are_archived_are_told_of()
    {
        var name = await PrepareAsync();
        await server.MoveToStageAsync(name, "1", "Production");

        await server.MoveToStageAsync(name, "2", "Production", archive: true);

        Assert.Equal($$"""{"stage":"Production","{{name}}/1 stage":"Archived"}""", (await ChainAsync(name))[^1].AfterJson);
        Assert.Equal(
            "Archived", await server.ExecuteAsync($"SELECT new_value FROM mr_history WHERE resource = '{name}/1' AND field = 'stage' ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task A_long_value_is_a_digest_in_the_log_and_whole_in_the_history()
    {
        var name = await PrepareAsync();
        var value = new string('x', 5000);

        Ok(await server.PostAsync("registered-models/set-tag", new { name, key = "t", value }));

        var after = JsonNode.Parse((await ChainAsync(name))[^1].AfterJson!)!["tag:t"]!;
        Assert.Equal(5000, (int)after["length"]!);
        Assert.Equal(64, ((string)after["sha256"]!).Length);
        Assert.Equal(value, await server.ExecuteAsync($"SELECT new_value FROM mr_history WHERE resource = '{name}' ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task Concurrent_writers_make_one_chain_without_a_gap()
    {
        var name = await PrepareAsync();
        var known = (await ChainAsync(name)).Count;

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i => Ok(
            i % 2 == 0
                ? await server.TryCreateVersionAsync(name, "s3://b/p")
                : await server.PostAsync("registered-models/set-tag", new { name, key = $"k{i % 5}", value = $"{i}" }))));

        var chain = await ChainAsync(name);
        Assert.Equal(known + 40, chain.Count);
        Verify(chain);
    }

    private static void Verify(List<AuditEntry> chain)
    {
        var previous = AuditEntry.NoHash;
        for (var i = 0; i < chain.Count; i++)
        {
            Assert.Equal(i + 1, chain[i].Position);
            Assert.Equal(previous, chain[i].PreviousHash);
            Assert.Equal(chain[i].ComputeHash(), chain[i].Hash);
            previous = chain[i].Hash;
        }
    }

    private async Task<string> PrepareAsync()
    {
        var name = await server.CreateModelAsync(("t", "old"));
        await server.CreateVersionAsync(name, "s3://bucket/path", ("t", "old"));
        await server.CreateVersionAsync(name);
        await server.SetAliasAsync(name, "a", "1");
        return name;
    }

    private Task<List<AuditEntry>> ChainAsync(string name) => server.App.Services.GetRequiredService<Databases>().Registry.ReadAsync(
        scope => scope.QueryAsync<AuditEntry>(
            $"SELECT {AuditEntry.Columns} FROM mr_audit WHERE chain = @chain ORDER BY position", new { chain = $"registered_model/default/{name}" }),
        CancellationToken.None);

    private Task<long> CountHistoryAsync(AuditEntry entry) => server.App.Services.GetRequiredService<Databases>().Registry.ReadAsync(
        scope => scope.FindAsync<long>(
            "SELECT COUNT(*) FROM mr_history WHERE chain = @Chain AND position = @Position", new { entry.Chain, entry.Position }),
        CancellationToken.None);
}

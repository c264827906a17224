using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Registry;

/// <summary>A server with shorthand for the registry's calls.</summary>
public sealed class RegistryFixture : ServerFixture
{
    private int models;

    /// <summary>Creates a model under a name of its own.</summary>
    public async Task<string> CreateModelAsync(params (string Key, string Value)[] tags)
    {
        var name = $"model {Interlocked.Increment(ref models):000}";
        Ok(await PostAsync("registered-models/create", new { name, tags = tags.Select(tag => new { key = tag.Key, value = tag.Value }) }));
        return name;
    }

    public async Task<JsonNode> CreateVersionAsync(string name, string source = "s3://bucket/path", params (string Key, string Value)[] tags) =>
        Ok(await PostAsync(
            "model-versions/create", new { name, source, tags = tags.Select(tag => new { key = tag.Key, value = tag.Value }) }))["model_version"]!;

    public Task<Answer> TryCreateVersionAsync(string name, string source) => PostAsync("model-versions/create", new { name, source });

    public async Task<JsonNode> GetModelAsync(string name) =>
        Ok(await GetAsync($"registered-models/get?name={Uri.EscapeDataString(name)}"))["registered_model"]!;

    public async Task<JsonNode> GetVersionAsync(string name, string version) =>
        Ok(await GetAsync($"model-versions/get?name={Uri.EscapeDataString(name)}&version={version}"))["model_version"]!;

    public Task<Answer> GetByAliasAsync(string name, string alias) =>
        GetAsync($"registered-models/alias?name={Uri.EscapeDataString(name)}&alias={Uri.EscapeDataString(alias)}");

    public async Task SetAliasAsync(string name, string alias, string version) =>
        Ok(await PostAsync("registered-models/alias", new { name, alias, version }));

    public async Task<string?> DownloadUriAsync(string name, string version) =>
        (string?)Ok(await GetAsync($"model-versions/get-download-uri?name={Uri.EscapeDataString(name)}&version={version}"))["artifact_uri"];

    public async Task MoveToStageAsync(string name, string version, string stage, bool archive = false) =>
        Ok(await PostAsync("model-versions/transition-stage", new { name, version, stage, archive_existing_versions = archive }));

    public async Task<JsonNode> PatchAsync(string path, object body) => Ok(await SendAsync(HttpMethod.Patch, path, body));

    public async Task<JsonNode> DeleteAsync(string path, object body) => Ok(await SendAsync(HttpMethod.Delete, path, body));

    /// <inheritdoc cref="ServerFixture.ExecuteAsync"/>
    public object? Execute(string sql) => ExecuteAsync(sql).GetAwaiter().GetResult();

    public static JsonNode Ok(Answer answer)
    {
        Assert.True(answer.Status == 200, answer.Text);
        return answer.Json;
    }

    public static void Fails(Answer answer, int status, string code, string message) =>
        Assert.Equal((status, code, message), (answer.Status, answer.ErrorCode, answer.Message));
}

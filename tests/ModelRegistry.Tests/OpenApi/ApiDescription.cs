using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRegistry.Server.Hosting;

namespace ModelRegistry.Tests.OpenApi;

/// <summary>A server with every call that flags can switch on, and its description.</summary>
public sealed class DescribedServer : ServerFixture
{
    internal override ServerOptions Options => base.Options with { EnableWorkspaces = true, ExposeMetrics = true };

    internal ApiDescription Description { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Description = ApiDescription.Parse(await Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
    }
}

/// <summary>The document at <c>/openapi/v1.json</c>, read.</summary>
internal sealed class ApiDescription
{
    private readonly JsonElement root;

    private ApiDescription(JsonElement root)
    {
        this.root = root;
        Operations =
        [
            .. from path in root.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               select new ApiOperation(operation.Name.ToUpperInvariant(), [path.Name, .. OtherPaths(operation.Value)], operation.Value),
        ];
    }

    public IReadOnlyList<ApiOperation> Operations { get; }

    public JsonElement Root => root;

    public static ApiDescription Parse(string json) => new(JsonDocument.Parse(json).RootElement);

    /// <summary>The call that a request reaches; names in a path are preferred to placeholders.</summary>
    public ApiOperation? Find(string method, string path) => Operations
        .SelectMany(operation => operation.Paths, (operation, template) => (operation, template))
        .Where(one => one.operation.Method == method && Fits(one.template, path))
        .OrderBy(one => one.template.Count(c => c == '{'))
        .Select(one => one.operation)
        .FirstOrDefault();

    /// <summary>What a reference points to, or the element itself.</summary>
    public JsonElement Resolve(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference)
            ? reference.GetString()!.Split('/').Skip(1).Aggregate(root, (found, part) => found.GetProperty(part))
            : element;

    /// <summary>The fields of a request by name: of its body, its query and its path.</summary>
    public Dictionary<string, JsonElement> RequestFields(ApiOperation operation)
    {
        var fields = operation.Parameters.ToDictionary(parameter => parameter.GetProperty("name").GetString()!, parameter => parameter.GetProperty("schema"));
        if (operation.RequestSchema is { } body)
        {
            foreach (var (name, schema) in Fields(body))
                fields.TryAdd(name, schema);
        }

        return fields;
    }

    public Dictionary<string, JsonElement> Fields(JsonElement schema) =>
        Resolve(schema).TryGetProperty("properties", out var properties) ? properties.EnumerateObject().ToDictionary(one => one.Name, one => one.Value) : [];

    private static IEnumerable<string> OtherPaths(JsonElement operation) =>
        operation.TryGetProperty("x-other-paths", out var paths) ? paths.EnumerateArray().Select(path => path.GetString()!) : [];

    private static bool Fits(string template, string path) => template == path || Regex.IsMatch(
        path,
        $"^{Regex.Replace(Regex.Escape(template).Replace("}", "\\}", StringComparison.Ordinal), @"\\\{(\w+)\\\}", match => match.Groups[1].Value == "artifact_path" ? ".+" : "[^/]+")}$");
}

/// <param name="Paths">The path it is described under, then the others.</param>
internal sealed record ApiOperation(string Method, IReadOnlyList<string> Paths, JsonElement Json)
{
    public IEnumerable<JsonElement> Parameters => Json.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];

    /// <summary>The schema of a JSON body.</summary>
    public JsonElement? RequestSchema => Json.TryGetProperty("requestBody", out var body) ? JsonSchemaOf(body) : null;

    public JsonElement? ResponseSchema(int status, ApiDescription description) =>
        Json.GetProperty("responses").TryGetProperty(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out var answer)
            ? JsonSchemaOf(description.Resolve(answer))
            : null;

    public override string ToString() => $"{Method} {Paths[0]}";

    private static JsonElement? JsonSchemaOf(JsonElement holder) =>
        holder.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var media) ? media.GetProperty("schema") : null;
}

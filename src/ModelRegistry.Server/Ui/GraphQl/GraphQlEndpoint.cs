using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using GraphQLParser.AST;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Filtering;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Ui.GraphQl;

/// <summary>The part of MLflow's API that its web pages ask in GraphQL.</summary>
internal sealed class GraphQlEndpoint(RootFields fields, ServerOptions options, WireJson json)
{
    /// <summary>Lists of ids and filters travel as variables; the text itself is some kilobytes.</summary>
    private const int MaxQueryLength = 200_000;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly RpcBinder<GraphQlRequest> binder = new(json);

    public void Map(IEndpointRouteBuilder root) =>
        root.MapMethods("/graphql", ["GET", "POST"], AnswerAsync)
            .WithMetadata(CallShape.Of(AnswerAsync) with { Request = typeof(GraphQlRequest) })
            .RequirePermission(Permission.Authenticated, Resource.Server);

    /// <summary>Answers a GraphQL query of the web pages.</summary>
    private async Task AnswerAsync(HttpContext http)
    {
        var request = await binder.BindAsync(http);
        var query = await ParseAsync(request);
        var errors = new List<string>();
        var data = await ExecuteAsync(query, request, RequestContext.Of(http), errors);
        http.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter, Json);
        Write(writer, data, errors);
    }

    /// <summary>MLflow answers such requests with an HTML page and status 500.</summary>
    private static async Task<Query> ParseAsync(GraphQlRequest request)
    {
        if (string.IsNullOrWhiteSpace(request.Query))
            throw ApiException.Missing("query");
        if (request.Query.Length > MaxQueryLength)
            throw ApiException.Invalid($"The GraphQL query is longer than {MaxQueryLength} characters.");
        if (request.Variables.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            throw ApiException.Invalid("The GraphQL variables must be a JSON object.");
        try
        {
            return await Query.ParseAsync(request.Query);
        }
        catch (GraphQlException e)
        {
            throw ApiException.Invalid(e.Message);
        }
    }

    /// <returns>The fields by key; null when nothing can be answered.</returns>
    private async Task<SortedDictionary<string, ReadOnlyMemory<byte>>?> ExecuteAsync(
        Query query, GraphQlRequest request, RequestContext context, List<string> errors)
    {
        PlannedObject plan;
        try
        {
            new QueryLimits(query, options.GraphQlMaxRootFields, options.GraphQlMaxAliases).Check();
            plan = Plan(query, request, errors);
        }
        catch (GraphQlException e)
        {
            errors.Add(e.Message);
            return null;
        }

        if (errors.Count > 0)
            return null;
        var data = new SortedDictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var field in plan.Fields)
            data[field.Key] = await AnswerAsync(plan.Type, field, context, errors);
        return data;
    }

    private static PlannedObject Plan(Query query, GraphQlRequest request, List<string> errors)
    {
        var operation = Choose(query, request.OperationName);
        var variables = new QueryVariables(operation, request.Variables);
        var planner = new QueryPlanner(query, variables);
        var plan = planner.Plan(operation);
        errors.AddRange(planner.Errors.Count > 0 ? planner.Errors.Distinct() : variables.Errors);
        return plan;
    }

    private static GraphQLOperationDefinition Choose(Query query, string? name)
    {
        var operations = query.Operations;
        if (name is null && operations.Count > 1)
            throw new GraphQlException("Must provide operation name if query contains multiple operations.");
        var chosen = operations.FirstOrDefault(operation => name is null || operation.Name?.StringValue == name);
        return chosen switch
        {
            null => throw new GraphQlException(name is null ? "Must provide an operation." : $"Unknown operation named '{name}'."),
            { Operation: OperationType.Subscription } => throw new GraphQlException("Schema is not configured to execute subscription operation."),
            _ => chosen,
        };
    }

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(SchemaType root, PlannedField field, RequestContext context, List<string> errors)
    {
        if (field.Definition.Name == "__typename")
            return JsonSerializer.SerializeToUtf8Bytes(root.Name, json.TypeOf<string>());
        var buffer = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(buffer, Json);
        try
        {
            if (Introspection.Fields.Contains(field.Definition))
                new Introspection(writer).Write(field);
            else
                new AnswerWriter(writer, errors).Write(field, await fields.ResolveAsync(field, context, errors));
        }
        catch (Exception e) when ((e as ApiException ?? FilterErrors.Translate(e) ?? DatabaseErrors.Translate(e)) is { } error)
        {
            errors.Add(error.Message);
            writer.WriteNullValue();
        }

        await writer.FlushAsync(context.Http.RequestAborted);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, SortedDictionary<string, ReadOnlyMemory<byte>>? data, List<string> errors)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("data");
        if (data is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartObject();
            foreach (var (key, value) in data)
            {
                writer.WritePropertyName(key);
                writer.WriteRawValue(value.Span, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        writer.WritePropertyName("errors");
        if (errors.Count == 0)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartArray();
            errors.ForEach(error => writer.WriteStringValue(error));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}

internal sealed record GraphQlRequest
{
    public string? Query { get; set; }

    public JsonElement Variables { get; set; }

    public string? OperationName { get; set; }
}

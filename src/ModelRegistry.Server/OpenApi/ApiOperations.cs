using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.OpenApi;

/// <summary>Describes one call: what goes in, what comes out, what can go wrong and who may.</summary>
internal sealed class ApiOperations(OpenApiDocument document, WireSchemas schemas, DocComments comments)
{
    public static string ErrorName(int status) => ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal);

    public OpenApiOperation Of(ApiCall call)
    {
        var about = comments.Of(call.Shape.Handler) ?? call.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary;
        var permission = call.Metadata.GetMetadata<RoutePermission>();
        var needs = permission is null ? "Anybody may call it." : $"Needs {Words(permission.Permission)} on {Words(permission.Resource)}.";
        var operation = new OpenApiOperation
        {
            OperationId = OperationId(call),
            Summary = about is null ? null : FirstSentence(about),
            Description = about is null ? needs : $"{about}\n\n{needs}",
            Tags = new HashSet<OpenApiTagReference> { Tag(call) },
            Parameters = [.. Parameters(call)],
            RequestBody = RequestBody(call),
            Responses = Responses(call, permission is not null),
            Extensions = new Dictionary<string, IOpenApiExtension> { ["x-permission"] = new JsonNodeExtension(Words(permission)) },
        };
        if (call.OtherPaths.Count > 0)
            operation.Extensions["x-other-paths"] = new JsonNodeExtension(new JsonArray([.. call.OtherPaths.Select(path => (JsonNode)path)]));
        return operation;
    }

    private static IEnumerable<string> PathParameters(ApiCall call) =>
        call.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'));

    private IEnumerable<IOpenApiParameter> Parameters(ApiCall call)
    {
        var request = call.Shape.Request;
        var inPath = PathParameters(call).ToList();
        foreach (var name in inPath)
        {
            var field = request is null ? null : schemas.Fields(request).FirstOrDefault(field => field.Name == name);
            var schema = new OpenApiSchema { Type = JsonSchemaType.String };
            schema.Examples = Examples.Of(name, schema) is { } example ? [example] : null;
            yield return new OpenApiParameter
            {
                Name = name, In = ParameterLocation.Path, Required = true, Schema = schema, Description = field is null ? null : schemas.Of(field).Description,
            };
        }

        if (request is not null && call.Method == "GET")
        {
            foreach (var field in schemas.Fields(request).ExceptBy(inPath, field => field.Name))
                yield return Query(request, field);
        }

        foreach (var (parameters, place) in new[] { (call.Shape.Query, ParameterLocation.Query), (call.Shape.Headers, ParameterLocation.Header) })
        {
            foreach (var parameter in parameters)
            {
                yield return new OpenApiParameter
                {
                    Name = parameter.Name, In = place, Required = parameter.IsRequired, Description = parameter.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                };
            }
        }
    }

    private OpenApiParameter Query(Type request, JsonPropertyInfo field)
    {
        var schema = schemas.Of(field);

        // A run can also be named by its old field, and no parameter can say "one of two".
        var isRequired = schemas.IsRequired(request, field) && !(field.Name == "run_id" && schemas.Fields(request).Any(other => other.Name == "run_uuid"));
        var parameter = new OpenApiParameter { Name = field.Name, In = ParameterLocation.Query, Required = isRequired, Schema = schema, Description = schema.Description };
        schema.Description = null;
        return parameter;
    }

    private OpenApiRequestBody? RequestBody(ApiCall call)
    {
        if (call.Shape.RequestMedia is { } media)
            return new OpenApiRequestBody { Required = true, Content = Content(media, Binary()) };
        if (call.Method == "GET" || call.Shape.Request is not { } request)
            return null;

        // What the path says, the body need not.
        var fields = schemas.Fields(request).ExceptBy(PathParameters(call), field => field.Name).ToList();
        if (fields.Count == 0)
            return null;
        var isWhole = fields.Count == schemas.Fields(request).Count();
        return new OpenApiRequestBody
        {
            Required = fields.Exists(field => schemas.IsRequired(request, field)),
            Content = Content(CallShape.Json, isWhole ? schemas.Of(request) : schemas.Object(request, fields)),
        };
    }

    private OpenApiResponses Responses(ApiCall call, bool isApi)
    {
        var shape = call.Shape;
        var schema = shape.Response is { } response ? schemas.Of(response) : shape.ResponseMedia == CallShape.Json ? new OpenApiSchema() : Binary();
        var answers = new OpenApiResponses
        {
            [Text(shape.Status)] = new OpenApiResponse
            {
                Description = ReasonPhrases.GetReasonPhrase(shape.Status),
                Content = shape.Status == StatusCodes.Status204NoContent ? null : Content(shape.ResponseMedia, schema),
            },
        };
        if (!isApi)
            return answers;
        foreach (var status in (int[])[400, 404, 500, 503])
            answers[Text(status)] = new OpenApiResponseReference(ErrorName(status), document);
        foreach (var (status, refusal) in shape.Refusals)
            answers[Text(status)] = new OpenApiResponse { Description = ReasonPhrases.GetReasonPhrase(status), Content = Content(CallShape.Json, schemas.Of(refusal)) };
        return answers;
    }

    /// <summary>Calls are grouped by the first part of their path that names a thing.</summary>
    private OpenApiTagReference Tag(ApiCall call)
    {
        var parts = call.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var name = parts is ["api" or "ajax-api", _, var folder, ..] ? folder == "mlflow" ? parts[3] : folder : parts[0];
        if (!document.Tags!.Any(tag => tag.Name == name))
            document.Tags!.Add(new OpenApiTag { Name = name, Description = call.Shape.Handler.DeclaringType is { } type ? comments.Of(type) : null });
        return new OpenApiTagReference(name, document);
    }

    /// <summary>The path in one word, with the method in front: some calls answer to two.</summary>
    private static string OperationId(ApiCall call)
    {
        var words = call.Path.Split(['/', '-', '_', '.', '{', '}'], StringSplitOptions.RemoveEmptyEntries).Where(word => word is not ("api" or "mlflow"));
        return call.Method.ToLowerInvariant() + string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..end] : text.TrimEnd('.');

    private static JsonNode Words(RoutePermission? permission) => permission is null
        ? "ANYBODY"
        : new JsonObject { ["level"] = Words(permission.Permission), ["resource"] = Words(permission.Resource) };

    private static string Words(Permission permission) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(permission.ToString());

    private static string Words(Resource resource) => JsonNamingPolicy.SnakeCaseLower.ConvertName(resource.ToString());

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static Dictionary<string, OpenApiMediaType> Content(string media, IOpenApiSchema schema) => new() { [media] = new OpenApiMediaType { Schema = schema } };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}

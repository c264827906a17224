using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.OpenApi;

/// <summary>Fills the document from the route table: every route with a <see cref="CallShape"/>, once, under its first path.</summary>
internal sealed class ApiDocument(EndpointDataSource routes, WireJson json, ServerOptions options) : IOpenApiDocumentTransformer
{
    private const string About =
        "MLflow's API as this server answers it, and its own calls below `modelregistry`. A path below `/api` is served below `/ajax-api` as well; each call "
        + "names its other paths in `x-other-paths`, and what its caller needs in `x-permission`. "
        + "Requests may also spell fields in camelCase, write 64-bit integers as text and enums as numbers, as protobuf's JSON allows.";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "ModelRegistry", Version = ProductInfo.Version, Description = About };

        // Not the address of whoever asked first: the document is kept, and a Host header can be anything.
        document.Servers = [new OpenApiServer { Url = options.StaticPrefix.Length == 0 ? "/" : options.StaticPrefix }];
        document.Paths = [];
        document.Tags = new HashSet<OpenApiTag>();
        var comments = DocComments.Read();
        var schemas = new WireSchemas(document, json, comments);
        AddErrors(document, schemas);
        var operations = new ApiOperations(document, schemas, comments);
        foreach (var call in Calls().OrderBy(call => call.Path, StringComparer.Ordinal))
        {
            if (!document.Paths.TryGetValue(call.Path, out var item))
                document.Paths.Add(call.Path, item = new OpenApiPathItem { Operations = [] });
            item.Operations!.TryAdd(HttpMethod.Parse(call.Method), operations.Of(call));
        }

        return Task.CompletedTask;
    }

    /// <summary>The described routes; those of one call, which share its <see cref="CallShape"/>, are one.</summary>
    private IEnumerable<ApiCall> Calls() =>
        from endpoint in routes.Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<CallShape>() is not null
        from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
        where method != "HEAD"
        group endpoint by (Shape: endpoint.Metadata.GetRequiredMetadata<CallShape>(), method) into call
        let paths = call.Select(PathOf).Distinct().ToList()
        select new ApiCall(call.Key.method, paths[0], paths[1..], call.Key.Shape, call.First().Metadata);

    /// <summary>The path below the static prefix, without the signs that routing alone understands.</summary>
    private string PathOf(RouteEndpoint route)
    {
        var path = "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{**", "{", StringComparison.Ordinal);
        return options.StaticPrefix.Length > 0 && path.StartsWith(options.StaticPrefix + "/", StringComparison.Ordinal) ? path[options.StaticPrefix.Length..] : path;
    }

    /// <summary>One answer for each status that <see cref="ErrorCode"/> knows, with its codes.</summary>
    private static void AddErrors(OpenApiDocument document, WireSchemas schemas)
    {
        var error = schemas.Of(typeof(ErrorBody));
        var all = typeof(ErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (ErrorCode)field.GetValue(null)!);
        foreach (var codes in all.GroupBy(code => code.HttpStatus))
        {
            document.AddComponent(ApiOperations.ErrorName(codes.Key), new OpenApiResponse
            {
                Description = string.Join(" or ", codes.Select(code => $"`{code.Name}`").Distinct()),
                Content = new Dictionary<string, OpenApiMediaType> { [CallShape.Json] = new OpenApiMediaType { Schema = error } },
            });
        }
    }
}

/// <summary>A call as the document shows it.</summary>
/// <param name="Path">Below the static prefix.</param>
/// <param name="OtherPaths">Where else it is served.</param>
internal sealed record ApiCall(string Method, string Path, IReadOnlyList<string> OtherPaths, CallShape Shape, EndpointMetadataCollection Metadata);

using System.IO.Compression;
using System.Text.Json;
using ModelRegistry.Server.Auth;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;
using ModelRegistry.Server.Traces.Otlp;
using ModelRegistry.Server.Traces.Spans;

namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>Spans by OpenTelemetry's protocol: <c>POST /v1/traces</c>. Its refusals have a form of their own, <c>{"detail": …}</c>.</summary>
internal sealed class OtlpEndpoint(SpanStore spans, WireJson json)
{
    private const string Path = "/v1/traces";
    private const string ExperimentHeader = "x-mlflow-experiment-id";
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    public void Map(IEndpointRouteBuilder root)
    {
        root.MapPost(Path, ReceiveAsync)
            .WithMetadata(CallShape.Of(ReceiveAsync) with
            {
                RequestMedia = Protobuf,
                ResponseMedia = Protobuf,
                Headers = [new(ExperimentHeader, true, "The experiment that the traces go to."), new("Content-Encoding", false, "gzip or deflate.")],
                Refusals = new Dictionary<int, Type> { [400] = typeof(OtlpRefusalBody), [422] = typeof(OtlpProblemsBody) },
            })
            .RequirePermission(Permission.Edit, Resource.Experiment);

        // To MLflow the path is unknown by any other method, so it answers 404 and not 405.
        root.MapMethods(Path, ["GET", "PUT", "PATCH", "DELETE"], HtmlPages.NotFoundAsync).RequirePermission(Permission.Edit, Resource.Experiment);
    }

    /// <summary>Takes spans as OpenTelemetry's ExportTraceServiceRequest, in protobuf or in JSON.</summary>
    private async Task ReceiveAsync(HttpContext http)
    {
        if (http.Request.Headers[ExperimentHeader] is not [{ Length: > 0 } experimentId, ..])
        {
            var problem = new OtlpProblem("missing", ["header", ExperimentHeader], "Field required", null);
            await RefuseAsync(http, 422, new OtlpProblemsBody([problem]));
            return;
        }

        try
        {
            await StoreAsync(http, experimentId);
            http.Response.ContentType = Protobuf;
            http.Response.ContentLength = 0;
        }
        catch (OtlpRefusal refusal)
        {
            await RefuseAsync(http, refusal.Status, new OtlpRefusalBody(refusal.Message));
        }
    }

    private async Task StoreAsync(HttpContext http, string experimentId)
    {
        var export = await ReadAsync(http);
        if (!export.HasResources)
            throw new OtlpRefusal(400, "Invalid OpenTelemetry format - no spans found");
        var converted = export.Spans
            .ConvertAll(span => SpanConversion.ConvertOrNull(span) ?? throw new OtlpRefusal(422, "Cannot convert OpenTelemetry span to MLflow span"));
        if (converted.Count > 0)
            await spans.LogAsync(RequestContext.Of(http).Caller, experimentId, converted, http.RequestAborted);
    }

    private static async Task<OtlpExport> ReadAsync(HttpContext http)
    {
        var type = http.Request.ContentType;
        var media = type?.Split(';')[0].Trim();
        if (media is not (Protobuf or Json))
            throw new OtlpRefusal(400, $"Invalid Content-Type: {type ?? "None"}. Expected: {Protobuf} or {Json}");
        using var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        var message = Decompress(body.Memory, http.Request.Headers.ContentEncoding.ToString().ToLowerInvariant());
        try
        {
            return media == Json ? OtlpJson.Read(message) : OtlpProtobuf.Read(message.Span);
        }
        catch (OtlpFormatException)
        {
            throw new OtlpRefusal(400, "Invalid OpenTelemetry format");
        }
    }

    private static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> body, string encoding)
    {
        try
        {
            return encoding switch
            {
                "" => body,
                "gzip" => OtlpBody.Inflate(body, stream => new GZipStream(stream, CompressionMode.Decompress)),
                "deflate" => OtlpBody.InflateEither(body),
                _ => throw new OtlpRefusal(400, $"Unsupported Content-Encoding: {encoding}"),
            };
        }
        catch (InvalidDataException)
        {
            throw new OtlpRefusal(400, $"Failed to decompress {encoding} payload");
        }
    }

    private Task RefuseAsync<T>(HttpContext http, int status, T body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = Json;
        return JsonSerializer.SerializeAsync(http.Response.Body, body, json.TypeOf<T>(), http.RequestAborted);
    }

    private sealed class OtlpRefusal(int status, string message) : Exception(message)
    {
        public int Status { get; } = status;
    }
}

internal sealed record OtlpRefusalBody(string Detail);

internal sealed record OtlpProblemsBody(List<OtlpProblem> Detail);

/// <summary>What is wrong with the request, in the words of MLflow's web framework.</summary>
internal sealed record OtlpProblem(
    string Type,
    List<string> Loc,
    string Msg,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.Never)] string? Input);

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>
/// Turns a request into <typeparamref name="TRequest"/> as MLflow's server does: GET reads the query string, or the body when there is
/// none; everything else reads the body. A body that does not fit is looked at field by field for MLflow's message.
/// </summary>
internal sealed class RpcBinder<TRequest>
    where TRequest : class, new()
{
    private readonly JsonTypeInfo<TRequest> type;
    private readonly FieldCheck[] checks;
    private readonly JsonPropertyInfo[]? textFields;

    public RpcBinder(WireJson json)
    {
        type = json.TypeOf<TRequest>();
        checks = FieldCheck.Of(type);

        // Where all fields are text, as in every lookup, a query string needs no parser. Those without a getter are other spellings, of bodies.
        if (type.Properties.All(property => property.PropertyType == typeof(string)))
            textFields = [.. type.Properties.Where(property => property.Get is not null)];
    }

    public async ValueTask<TRequest> BindAsync(HttpContext http)
    {
        var request = HttpMethods.IsGet(http.Request.Method) && http.Request.QueryString.HasValue ? FromQuery(http.Request) : null;
        request ??= await FromBodyAsync(http);
        ApplyRouteValues(http, request);
        return request;
    }

    /// <returns>null when the query is empty.</returns>
    private TRequest? FromQuery(HttpRequest http)
    {
        if (textFields is not null && TryFromText(textFields, new QueryStringEnumerable(http.QueryString.Value)) is { } request)
            return request;
        if (http.Query.Count == 0)
            return null;
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
            QueryJson.Write(writer, http.Query, type);
        return Parse(buffer.WrittenMemory);
    }

    /// <returns>null when a check refuses, which the slow way explains, or when there is nothing.</returns>
    private TRequest? TryFromText(JsonPropertyInfo[] fields, QueryStringEnumerable query)
    {
        TRequest? request = null;
        foreach (var field in fields)
        {
            if (Find(query, field.Name) is { } value)
                field.Set!(request ??= new TRequest(), value);
        }

        if (request is null || !Array.TrueForAll(checks, check => check.Accepts(request)))
            return null;
        (request as ICheckedRequest)?.Check();
        return request;
    }

    /// <summary>The first value of that name.</summary>
    private static string? Find(QueryStringEnumerable query, string name)
    {
        foreach (var pair in query)
        {
            if (pair.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase))
                return pair.DecodeValue().ToString();
        }

        return null;
    }

    private async ValueTask<TRequest> FromBodyAsync(HttpContext http)
    {
        RequireJson(http.Request);
        using var body = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        return Parse(body.Memory);
    }

    private static void RequireJson(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method) && !HttpMethods.IsPut(request.Method))
            return;
        var type = request.ContentType;
        if (string.IsNullOrEmpty(type))
            throw ApiException.Invalid("Bad Request. Content-Type header is missing.");
        if (!type.AsSpan()[..(type.IndexOf(';') is var end and >= 0 ? end : type.Length)].SequenceEqual("application/json"))
            throw ApiException.Invalid("Bad Request. Content-Type must be one of ['application/json'].");
    }

    public TRequest Parse(ReadOnlyMemory<byte> json)
    {
        TRequest request;
        try
        {
            request = json.Length == 0 ? new TRequest() : JsonSerializer.Deserialize(json.Span, type) ?? new TRequest();
        }
        catch (JsonException)
        {
            return ParseMisfit(json);
        }

        if (!Array.TrueForAll(checks, check => check.Accepts(request)))
            Explain(json);
        (request as ICheckedRequest)?.Check();
        return request;
    }

    /// <summary>Throws for the first field that a check refuses; the message quotes it as it was sent.</summary>
    private void Explain(ReadOnlyMemory<byte> json)
    {
        using var document = LenientJson.ParseObject(json);
        foreach (var check in checks)
            check.CheckRaw(document.RootElement, typesToo: false);
    }

    /// <summary>
    /// The slow way, for bodies that are not the record: malformed JSON counts as empty, JSON inside a JSON string is unpacked, wrong types
    /// are reported where MLflow checks them; where it does not, the fields before the wrong one are kept and the rest is unset.
    /// </summary>
    private TRequest ParseMisfit(ReadOnlyMemory<byte> json)
    {
        using var document = LenientJson.ParseObject(json);
        var isWhole = LenientJson.TryBind(document.RootElement, type, out var request);
        foreach (var check in checks)
            check.CheckRaw(document.RootElement, typesToo: !isWhole);
        (request as ICheckedRequest)?.Check();
        return request;
    }

    private void ApplyRouteValues(HttpContext http, TRequest request)
    {
        if (http.GetEndpoint() is RouteEndpoint { RoutePattern.Parameters.Count: 0 })
            return;
        foreach (var (key, value) in http.Request.RouteValues)
        {
            if (value is string text && type.Properties.FirstOrDefault(p => p.Name == key) is { Set: { } set })
                set(request, text);
        }
    }
}

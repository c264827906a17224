using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.OpenApi;

/// <summary>The schemas of values that are no records. A new one each time: fields add to theirs.</summary>
internal static class WireScalars
{
    /// <returns>null for what is no single value.</returns>
    public static OpenApiSchema? Of(Type type) => type switch
    {
        _ when type == typeof(string) => new OpenApiSchema { Type = JsonSchemaType.String },
        _ when type == typeof(bool) => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        _ when type == typeof(int) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        _ when type == typeof(long) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        _ when type == typeof(double) => new OpenApiSchema { AnyOf = [new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" }, NotFinite()] },
        _ when type == typeof(JsonObject) => new OpenApiSchema { Type = JsonSchemaType.Object },
        _ when type == typeof(JsonElement) || type == typeof(object) || type == typeof(RawJson) => new OpenApiSchema(),
        _ => null,
    };

    /// <returns>null for a converter that changes nothing that a schema says.</returns>
    public static OpenApiSchema? OfConverter(Type? converter) => converter switch
    {
        _ when converter == typeof(TimestampConverter) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        _ when converter == typeof(DurationConverter) => new OpenApiSchema { Type = JsonSchemaType.String, Pattern = @"^-?[0-9]+(\.[0-9]+)?s$" },
        _ => null,
    };

    /// <summary>The names that <see cref="WireEnumConverter{TEnum}"/> writes.</summary>
    public static OpenApiSchema OfEnum(Type type, DocComments comments) => new()
    {
        Type = JsonSchemaType.String,
        Description = comments.Of(type),
        Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)JsonNamingPolicy.SnakeCaseUpper.ConvertName(name))],
    };

    /// <summary>JSON has no numbers for these.</summary>
    private static OpenApiSchema NotFinite() => new() { Type = JsonSchemaType.String, Enum = ["NaN", "Infinity", "-Infinity"] };
}

using System.Text.Json;
using ModelRegistry.Server.Http;
using ModelRegistry.Server.Http.Json;
using Xunit;

namespace ModelRegistry.Tests.Http;

/// <summary>protobuf's JSON, as far as the wire shows it.</summary>
public sealed class WireJsonTests
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new Int64Converter(), new Int32Converter(), new DoubleConverter(), new TextListConverter() },
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    [Theory]
    [InlineData("5", 5)]
    [InlineData("\"5\"", 5)]
    [InlineData("\"-5\"", -5)]
    [InlineData("5.0", 5)]
    [InlineData("1e3", 1000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("\"9223372036854775807\"", long.MaxValue)]
    public void An_integer_is_a_number_or_its_text(string json, long expected) => Assert.Equal(expected, JsonSerializer.Deserialize<long>(json, Options));

    [Theory]
    [InlineData("5.5")]
    [InlineData("true")]
    [InlineData("\"\"")]
    [InlineData("\"5.0\"")]
    [InlineData("\"abc\"")]
    [InlineData("1e30")]
    [InlineData("[]")]
    public void Anything_else_is_none(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<long>(json, Options));

    [Fact]
    public void A_short_integer_has_its_range()
    {
        Assert.Equal(int.MinValue, JsonSerializer.Deserialize<int>("-2147483648", Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<int>("2147483648", Options));
    }

    [Theory]
    [InlineData("0.5", 0.5)]
    [InlineData("\"0.5\"", 0.5)]
    [InlineData("true", 1)]
    [InlineData("\"NaN\"", double.NaN)]
    [InlineData("\"Infinity\"", double.PositiveInfinity)]
    [InlineData("\"-Infinity\"", double.NegativeInfinity)]
    public void A_double_may_be_spelled_out(string json, double expected) => Assert.Equal(expected, JsonSerializer.Deserialize<double>(json, Options));

    [Theory]
    [InlineData("\"nan\"")]
    [InlineData("\"inf\"")]
    [InlineData("1e400")]
    [InlineData("\"1e400\"")]
    [InlineData("{}")]
    public void A_double_out_of_range_is_none(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<double>(json, Options));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    public void Special_values_are_written_as_text(double value, string json) => Assert.Equal(json, JsonSerializer.Serialize(value, Options));

    [Fact]
    public void A_list_of_texts_holds_no_null() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<List<string>>("""["a", null]""", Options));

    [Fact]
    public void Unset_fields_and_empty_state_are_absent() =>
        Assert.Equal(
            """{"error_code":"X","message":"é <\"'>"}""",
            JsonSerializer.Serialize(new ErrorBody("X", "é <\"'>", null, null), new WireJson([HttpJson.Default]).TypeOf<ErrorBody>()));
}

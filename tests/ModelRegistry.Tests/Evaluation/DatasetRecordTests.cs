using System.Text.Json.Nodes;
using ModelRegistry.Server.Errors;
using Xunit;
using static ModelRegistry.Tests.Evaluation.EvaluationCalls;

namespace ModelRegistry.Tests.Evaluation;

public sealed class DatasetRecordTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_record_comes_back_as_it_was_sent()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(
            id,
            """
            [{"inputs": {"q": "ä", "b": [1, 2.5]}, "outputs": "plain", "expectations": {"e": {"z": 1, "a": null}}, "tags": {"mlflow.user": "al"},
              "source": {"source_type": "trace", "source_data": {"trace_id": "tr-1"}}}]
            """);

        var record = Assert.Single(await server.RecordsAsync(id))!;

        Assert.Matches("^dr-[0-9a-f]{32}$", (string)record["dataset_record_id"]!);
        Assert.Equal(
            """{"inputs":{"q":"ä","b":[1,2.5]},"expectations":{"e":{"z":1,"a":null}},"tags":{"mlflow.user":"al"},"source":{"source_type":"TRACE","source_data":{"trace_id":"tr-1"}},"source_id":"tr-1","source_type":"TRACE","created_by":"al","last_updated_by":"al","outputs":"plain"}""",
            Plain(record, "dataset_record_id", "dataset_id", "created_time", "last_update_time"));
    }

    [Fact]
    public async Task Numbers_that_json_has_not_are_kept_as_null()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, """[{"inputs": {"NaN": "NaN \" Infinity", "n": NaN, "l": [-Infinity, Infinity]}}]""");

        Assert.Equal(
            """{"NaN":"NaN \" Infinity","n":null,"l":[null,null]}""",
            Plain(Assert.Single(await server.RecordsAsync(id))!["inputs"]!));
    }

    [Fact]
    public async Task Expectations_may_be_none_or_not_given()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, """[{"inputs": {"q": 1}, "expectations": {}}, {"inputs": {"q": 2}, "expectations": null}]""");

        var records = (await server.RecordsAsync(id)).ToDictionary(record => (int)record!["inputs"]!["q"]!);

        Assert.Equal("{}", records[1]!["expectations"]!.ToJsonString());
        Assert.Null(records[2]!["expectations"]);
    }

    [Fact]
    public async Task The_same_inputs_in_any_order_are_one_record()
    {
        var id = await server.NewDatasetAsync();

        var first = await server.UpsertAsync(id, """[{"inputs": {"a": 1, "b": {"x": 1, "y": 2}}}, {"inputs": {"b": {"y": 2, "x": 1}, "a": 1}}, {"inputs": {"a": 1.0}}]""");
        var second = await server.UpsertAsync(id, """[{"inputs": {"a": 1, "b": {"x": 1, "y": 2}}}]""");

        Assert.Equal((2, 1), first);
        Assert.Equal((0, 1), second);
        Assert.Equal(2, (await server.RecordsAsync(id)).Count);
    }

    [Fact]
    public async Task A_later_record_adds_to_the_earlier_one()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, """[{"inputs": {"q": 1}, "outputs": {"o": 1}, "expectations": {"x": 1, "y": 1}, "tags": {"mlflow.user": "al", "t": "1"}}]""");

        await server.UpsertAsync(id, """[{"inputs": {"q": 1}, "expectations": {"y": 2}, "tags": {"u": "2"}, "source": {"source_type": "HUMAN"}}]""");
        Assert.Equal(
            """{"inputs":{"q":1},"expectations":{"x":1,"y":2},"tags":{"mlflow.user":"al","t":"1","u":"2"},"created_by":"al","last_updated_by":"al","outputs":{"o":1}}""",
            Plain(Assert.Single(await server.RecordsAsync(id))!, "dataset_record_id", "dataset_id", "created_time", "last_update_time"));

        await server.UpsertAsync(id, """[{"inputs": {"q": 1}, "outputs": null, "tags": {"mlflow.user": "bo"}}]""");
        var record = Assert.Single(await server.RecordsAsync(id))!;
        Assert.Null(record["outputs"]);
        Assert.Equal(("al", "bo"), ((string)record["created_by"]!, (string)record["last_updated_by"]!));
    }

    [Fact]
    public async Task The_dataset_learns_the_types_of_the_fields_and_keeps_them()
    {
        var id = await server.NewDatasetAsync();
        var digest = (string)(await server.GetDatasetAsync(id))["digest"]!;
        await Task.Delay(2);

        await server.UpsertAsync(
            id,
            """
            [{"inputs": {"s": "", "i": 1, "f": 1.0, "b": true, "l": [], "d": {}, "n": null}, "outputs": {"o": 1}, "expectations": {"e": 1}},
             {"inputs": {"s": 5}, "outputs": "text", "tags": {"mlflow.user": "al"}}]
            """);
        var dataset = await server.GetDatasetAsync(id);

        Assert.Equal(
            """{"inputs": {"s": "string", "i": "integer", "f": "float", "b": "boolean", "l": "array", "d": "object", "n": "null"}, "outputs": {"o": "integer"}, "expectations": {"e": "integer"}, "version": "1.0"}""",
            (string)dataset["schema"]!);
        Assert.Equal("""{"num_records": 2}""", (string)dataset["profile"]!);
        Assert.Equal("al", (string)dataset["last_updated_by"]!);
        Assert.NotEqual(digest, (string)dataset["digest"]!);
    }

    [Fact]
    public async Task Outputs_that_are_no_object_have_one_type()
    {
        var id = await server.NewDatasetAsync();

        await server.UpsertAsync(id, """[{"inputs": {"q": 1}, "outputs": "text"}, {"inputs": {"q": 2}, "outputs": {"o": 1}}]""");

        Assert.Equal("string", (string)Embedded(await server.GetDatasetAsync(id), "schema")["outputs"]!);
    }

    [Fact]
    public async Task An_upsert_without_a_user_forgets_the_last_one()
    {
        var id = await server.NewDatasetAsync(tags: """{"mlflow.user": "bob"}""");

        await server.UpsertAsync(id, """[{"inputs": {"q": 1}}]""");
        var dataset = await server.GetDatasetAsync(id);

        Assert.Equal("bob", (string)dataset["created_by"]!);
        Assert.Null(dataset["last_updated_by"]);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gaps()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, Text(Enumerable.Range(0, 1203).Select(number => new { inputs = new { number } })));

        var numbers = new List<int>();
        string? token = null;
        do
        {
            var page = await server.Do3Async("GET", $"datasets/{id}/records?max_results=400{(token is null ? "" : $"&page_token={token}")}");
            numbers.AddRange(Embedded(page, "records").AsArray().Select(record => (int)record!["inputs"]!["number"]!));
            token = (string?)page["next_page_token"];
        }
        while (token is not null);

        Assert.Equal(Enumerable.Range(0, 1203), numbers.Order());
        Assert.Equal(1000, (await server.RecordsAsync(id)).Count);
        Assert.Equal("""{"num_records": 1203}""", (string)(await server.GetDatasetAsync(id))["profile"]!);
    }

    [Fact]
    public async Task A_token_may_be_a_number_of_records_and_nothing_else()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, """[{"inputs": {"q": 1}}, {"inputs": {"q": 2}}]""");

        var rest = await server.Do3Async("GET", $"datasets/{id}/records?page_token=1");
        var bad = await server.Get3Async($"datasets/{id}/records?page_token=zz!");

        Assert.Single(Embedded(rest, "records").AsArray());
        Assert.Equal((400, "Invalid page token 'zz!'"), (bad.Status, bad.Message));
    }

    [Fact]
    public async Task Deleted_records_are_counted_off()
    {
        var id = await server.NewDatasetAsync();
        await server.UpsertAsync(id, """[{"inputs": {"q": 1}}, {"inputs": {"q": 2}}]""");
        var ids = (await server.RecordsAsync(id)).Select(record => (string)record!["dataset_record_id"]!).ToList();

        var one = await server.Do3Async("DELETE", $"datasets/{id}/records", new { dataset_record_ids = new[] { ids[0], "nosuch" } });
        Assert.Equal(1, (int)one["deleted_count"]!);
        Assert.Equal("""{"num_records": 1}""", (string)(await server.GetDatasetAsync(id))["profile"]!);

        await server.Do3Async("DELETE", $"datasets/{id}/records", new { dataset_record_ids = ids });
        Assert.Equal("null", (string)(await server.GetDatasetAsync(id))["profile"]!);

        var none = await server.Do3Async("DELETE", $"datasets/{id}/records", new { dataset_record_ids = ids });
        Assert.Equal(0, (int)none["deleted_count"]!);
    }

    [Theory]
    [InlineData("bad", "records must be valid JSON")]
    [InlineData("{}", "records must be a JSON list of objects")]
    [InlineData("[1]", "records must be a JSON list of objects")]
    [InlineData("""[{"inputs": null}]""", "inputs must be a JSON object")]
    [InlineData("""[{"inputs": "text"}]""", "inputs must be a JSON object")]
    [InlineData("""[{"expectations": [1]}]""", "expectations must be a JSON object")]
    [InlineData("""[{"source": {"source_type": "moon"}}]""", "Invalid dataset record source type: MOON. Valid source types: ['UNSPECIFIED', 'TRACE', 'HUMAN', 'DOCUMENT', 'CODE']")]
    public async Task Bad_records_are_refused_whole(string records, string message)
    {
        var id = await server.NewDatasetAsync();

        var answer = await server.Send3Async("POST", $"datasets/{id}/records", new { records });

        Assert.Equal((400, "INVALID_PARAMETER_VALUE", message), (answer.Status, answer.ErrorCode, answer.Message));
        Assert.Empty(await server.RecordsAsync(id));
    }

    [Fact]
    public async Task A_dataset_that_is_not_there_has_no_records_and_takes_none()
    {
        var answer = await server.Send3Async("POST", "datasets/d-none/records", new { records = "[{}]" });

        Assert.Equal((400, "BAD_REQUEST"), (answer.Status, answer.ErrorCode));
        Assert.Equal((0, 0), await server.UpsertAsync("d-none", "[]"));
        Assert.Equal("""{"records":"[]"}""", (await server.Get3Async("datasets/d-none/records")).Text);
    }

    [Fact]
    public async Task Writers_at_the_same_time_make_one_record_of_the_same_inputs()
    {
        var id = await server.NewDatasetAsync();

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.UpsertAsync(id, """[{"inputs": {"q": 1}}]""")));

        Assert.Equal((1, 7), (counts.Sum(count => count.Inserted), counts.Sum(count => count.Updated)));
    }

    private static string Plain(JsonNode record, params string[] without)
    {
        foreach (var name in without)
            Assert.True(record.AsObject().Remove(name), name);
        return record.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}

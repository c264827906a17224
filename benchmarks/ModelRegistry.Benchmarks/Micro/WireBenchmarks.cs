using System.Buffers;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Registry;
using ModelRegistry.Server.Tracking;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Benchmarks.Micro;

/// <summary>From bytes to requests and from answers to bytes.</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private static readonly WireJson Json = new([HttpJson.Default, RegistryJson.Default, TrackingJson.Default]);

    private readonly RpcBinder<ModelVersionRequest> versions = new(Json);
    private readonly RpcBinder<LogBatchRequest> batches = new(Json);
    private readonly ArrayBufferWriter<byte> output = new(1 << 16);
    private readonly DefaultHttpContext query = new();
    private readonly byte[] batch = Batch(100);

    private readonly ModelVersionBody version = new(
        "bench", "1", 1_700_000_000_000, 1_700_000_000_000, null, "None", "", "s3://bucket/model", "", "READY", null, [], "", ["champion"]);

    public WireBenchmarks()
    {
        query.Request.Method = "GET";
        query.Request.QueryString = new QueryString("?name=bench&version=1");
    }

    [Benchmark]
    public async Task<object> BindQuery() => await versions.BindAsync(query);

    [Benchmark]
    public object BindLogBatchOf100() => batches.Parse(batch);

    [Benchmark]
    public int WriteModelVersion()
    {
        output.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(writer, version, Json.TypeOf<ModelVersionBody>());
        return output.WrittenCount;
    }

    private static byte[] Batch(int metrics) => Encoding.UTF8.GetBytes(
        """{"run_id": "0123456789abcdef0123456789abcdef", "metrics": ["""
        + string.Join(", ", Enumerable.Range(0, metrics).Select(i => $$"""{"key": "m{{i}}", "value": {{i}}.5, "timestamp": 1700000000000, "step": {{i}}}"""))
        + "]}");
}

using System.Buffers;
using System.IO.Pipelines;

namespace ModelRegistry.Server.Http.Binding;

/// <summary>The whole body of an API call in one pooled buffer. Artifacts never come this way.</summary>
internal sealed class RequestBody : IDisposable
{
    private byte[]? rented;
    private readonly int length;

    private RequestBody(byte[]? rented, int length) => (this.rented, this.length) = (rented, length);

    public ReadOnlyMemory<byte> Memory => rented is null ? ReadOnlyMemory<byte>.Empty : rented.AsMemory(0, length);

    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
                return Take(reader, result.Buffer);
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref rented, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private static RequestBody Take(PipeReader reader, ReadOnlySequence<byte> sequence)
    {
        var size = checked((int)sequence.Length);
        var buffer = size == 0 ? null : ArrayPool<byte>.Shared.Rent(size);
        sequence.CopyTo(buffer);
        reader.AdvanceTo(sequence.End);
        return new RequestBody(buffer, size);
    }
}

namespace ModelRegistry.Tests.Artifacts;

/// <summary>A body that is made while it is sent, in chunks.</summary>
internal sealed class PushContent(Func<Stream, Task> write) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => write(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

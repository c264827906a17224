namespace ModelRegistry.Server.Artifacts;

/// <summary>
/// Reads a range of an object; when the connection breaks or stands still, it is asked for again from where it broke, with growing pauses.
/// </summary>
/// <param name="open">Opens the object from an offset on, to the end of the range.</param>
/// <param name="offset">Where the range begins.</param>
/// <param name="length">Bytes in it.</param>
internal sealed class ResumingReader(Func<long, CancellationToken, Task<Stream>> open, long offset, long length) : IAsyncDisposable
{
    private const int MaxFailures = 6;
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly long end = offset + length;
    private long position = offset;
    private Stream? body;
    private int failures;

    /// <summary>Reads on.</summary>
    /// <returns>0 at the end of the range.</returns>
    /// <exception cref="StoreException">It broke off again and again.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (position < end)
        {
            try
            {
                body ??= await open(position, cancellationToken);
                var read = await ReadBodyAsync(buffer[..(int)Math.Min(buffer.Length, end - position)], cancellationToken);
                if (read == 0)
                    throw new EndOfStreamException("The store sent fewer bytes than it announced.");
                position += read;
                failures = 0;
                return read;
            }
            // Azure's stream resumes by itself a few times, and gives up with all their failures in one.
            catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException or AggregateException)
            {
                await CloseAsync();
                if (++failures == MaxFailures)
                    throw new StoreException("The connection to the artifact store broke off again and again during a download.", isTemporary: true, e);
                await Task.Delay(FirstPause * (1 << failures), cancellationToken);
            }
        }

        return 0;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async ValueTask<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(LongestSilence);
        try
        {
            return await body!.ReadAsync(buffer, silence.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The store stood still.", e);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (body is not null)
            await body.DisposeAsync();
        body = null;
    }
}

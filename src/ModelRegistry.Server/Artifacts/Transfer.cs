using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ModelRegistry.Server.Artifacts;

/// <summary>Bytes between a client and a store: one buffer per transfer, as fast as the slower side.</summary>
internal static class Transfer
{
    /// <summary>No less than Kestrel holds of a body that is not read yet.</summary>
    private const int PieceSize = 64 << 10;

    /// <summary>A transfer may take days, but not stand still for longer than this.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Lifts, before the body is looked at, the limits on size and speed that API calls have.</summary>
    public static void LiftLimits(HttpContext http)
    {
        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    /// <summary>The body of the request, piece by piece; a piece is valid until the next one is asked for.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpContext http, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, http.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            while (await ReadAsync(http, buffer, pause) is > 0 and var read)
            {
                ArtifactMetrics.Received.Add(read);
                yield return buffer.AsMemory(0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends content that was announced by <c>Content-Length</c>.</summary>
    public static async Task WriteBodyAsync(HttpContext http, IAsyncEnumerable<ReadOnlyMemory<byte>> content)
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        await foreach (var piece in content.WithCancellation(http.RequestAborted))
        {
            pause.CancelAfter(LongestPause);
            try
            {
                await http.Response.Body.WriteAsync(piece, pause.Token);
                ArtifactMetrics.Sent.Add(piece.Length);
            }
            catch (OperationCanceledException)
            {
                // Too late to say anything: the client sees fewer bytes than were announced.
                http.Abort();
                return;
            }
        }
    }

    private static async ValueTask<int> ReadAsync(HttpContext http, byte[] buffer, CancellationTokenSource pause)
    {
        pause.CancelAfter(LongestPause);
        try
        {
            return await http.Request.Body.ReadAsync(buffer, pause.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The upload stood still for too long.", StatusCodes.Status408RequestTimeout);
        }
        catch (IOException e) when (e is not BadHttpRequestException || http.RequestAborted.IsCancellationRequested)
        {
            throw new OperationCanceledException("The client hung up.", e, http.RequestAborted);
        }
    }
}

namespace ModelRegistry.MySqlClient.Protocol.Serialization;

/// <summary>
/// Packets over a byte stream: a three-byte length and a sequence number in front of each; 16 MiB - 1 bytes announce a continuation.
/// A packet is valid until the next one is read.
/// </summary>
internal sealed class PacketStream(Stream stream) : IAsyncDisposable
{
    /// <summary>Three bytes of length, one of sequence.</summary>
    public const int HeaderSize = 4;

    /// <summary>What one packet holds; more goes on in the next.</summary>
    public const int MaxChunk = 0xFFFFFF;

    /// <summary>The largest packet that servers can be configured to send.</summary>
    private const int MaxPacket = 1 << 30;

    // Growing in steps as bytes arrive: a length that is announced but never sent costs no memory.
    private const int GrowthStep = 1 << 16;
    private const int KeptCapacity = 1 << 20;

    private readonly byte[] input = new byte[16 * 1024];
    private byte[] packet = new byte[4096];
    private int inputStart;
    private int inputEnd;

    /// <summary>The stream below; TLS replaces it in the middle of the handshake.</summary>
    public Stream Stream { get; private set; } = stream;

    /// <summary>The server has sent something that nobody has read.</summary>
    public bool HasUnreadInput => inputStart < inputEnd;

    /// <summary>Goes on over TLS.</summary>
    /// <exception cref="ProtocolException">Bytes came before TLS began: somebody may have put them there.</exception>
    public void Upgrade(Stream encrypted)
    {
        if (HasUnreadInput)
            throw new ProtocolException("The server sent data before TLS was agreed on.");
        Stream = encrypted;
    }

    /// <summary>Number of the next packet, in either direction; each command starts at 0.</summary>
    public byte Sequence { get; set; }

    /// <summary>Reads one packet. Not cancellable on purpose: half a packet would ruin the connection.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
    {
        if (packet.Length > KeptCapacity)
            packet = new byte[4096];
        var length = 0;
        while (true)
        {
            var chunk = await ReadHeaderAsync().ConfigureAwait(false);
            if (length + (long)chunk > MaxPacket)
                throw new ProtocolException($"The server sent a packet of more than {MaxPacket} bytes.");
            await ReadChunkAsync(length, chunk).ConfigureAwait(false);
            length += chunk;
            if (chunk < MaxChunk)
                return packet.AsMemory(0, length);
        }
    }

    /// <summary>
    /// Writes one packet, and those ahead of it, in chunks when it is large. Spoils what was written to <paramref name="packet"/>.
    /// </summary>
    public async ValueTask WriteAsync(PayloadWriter packet)
    {
        var rest = packet.Framed;
        var ahead = packet.Ahead;
        int size;
        do
        {
            size = Math.Min(rest.Length - ahead - HeaderSize, MaxChunk);
            WriteHeader(rest.Span[ahead..], size, Sequence++);
            await Stream.WriteAsync(rest[..(ahead + HeaderSize + size)]).ConfigureAwait(false);

            // The next chunk's header takes the place of bytes that have been sent.
            rest = rest[(ahead + size)..];
            ahead = 0;
        }
        while (size == MaxChunk);
        await Stream.FlushAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    /// <param name="size">Bytes of the packet, or of the chunk.</param>
    public static void WriteHeader(Span<byte> header, int size, byte sequence)
    {
        header[0] = (byte)size;
        header[1] = (byte)(size >> 8);
        header[2] = (byte)(size >> 16);
        header[3] = sequence;
    }

    private async ValueTask<int> ReadHeaderAsync()
    {
        while (inputEnd - inputStart < HeaderSize)
            await FillInputAsync().ConfigureAwait(false);
        var length = input[inputStart] | (input[inputStart + 1] << 8) | (input[inputStart + 2] << 16);
        var number = input[inputStart + 3];
        inputStart += HeaderSize;
        if (number != Sequence)
            throw new ProtocolException($"Packet number {number} came where {Sequence} was due.");
        Sequence++;
        return length;
    }

    private async ValueTask ReadChunkAsync(int offset, int count)
    {
        var buffered = Math.Min(count, inputEnd - inputStart);
        EnsureCapacity(offset, offset + buffered);
        input.AsSpan(inputStart, buffered).CopyTo(packet.AsSpan(offset));
        inputStart += buffered;
        for (var done = buffered; done < count;)
        {
            var step = Math.Min(count - done, Math.Max(GrowthStep, offset + done));
            EnsureCapacity(offset + done, offset + done + step);
            var read = await Stream.ReadAsync(packet.AsMemory(offset + done, step)).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("The server closed the connection.");
            done += read;
        }
    }

    private async ValueTask FillInputAsync()
    {
        if (inputStart > 0)
        {
            Buffer.BlockCopy(input, inputStart, input, 0, inputEnd - inputStart);
            inputEnd -= inputStart;
            inputStart = 0;
        }

        var read = await Stream.ReadAsync(input.AsMemory(inputEnd)).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException("The server closed the connection.");
        inputEnd += read;
    }

    private void EnsureCapacity(int used, int needed)
    {
        if (packet.Length >= needed)
            return;
        var larger = new byte[(int)Math.Min(MaxPacket, Math.Max(needed, packet.Length * 2L))];
        packet.AsSpan(0, used).CopyTo(larger);
        packet = larger;
    }
}

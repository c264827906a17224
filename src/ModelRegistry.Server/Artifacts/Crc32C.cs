using System.Buffers.Binary;
using System.Numerics;

namespace ModelRegistry.Server.Artifacts;

/// <summary>CRC-32 with Castagnoli's polynomial, which object stores check and which processors compute.</summary>
internal struct Crc32C()
{
    private uint state = uint.MaxValue;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes)
            state = BitOperations.Crc32C(state, b);
    }

    /// <summary>Big-endian and base64, as in the headers of stores.</summary>
    public readonly string ToBase64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, ~state);
        return Convert.ToBase64String(bytes);
    }
}

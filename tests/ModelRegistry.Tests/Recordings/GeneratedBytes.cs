using System.Buffers.Binary;

namespace ModelRegistry.Tests.Recordings;

/// <summary>The bytes of <c>{"$bytes": {"seed", "size"}}</c>: SplitMix64, little endian.</summary>
internal static class GeneratedBytes
{
    public static byte[] Create(ulong seed, int size)
    {
        var bytes = new byte[(size + 7) / 8 * 8];
        var state = seed;
        for (var at = 0; at < bytes.Length; at += 8)
        {
            unchecked
            {
                state += 0x9E3779B97F4A7C15;
                var z = state;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), z ^ (z >> 31));
            }
        }
        return bytes[..size];
    }
}

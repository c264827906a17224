using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The part of a file that a client asks for.</summary>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>Reads a <c>Range</c> header.</summary>
    /// <returns>Whether there is a range to honour; several at once, other units and nonsense are not, and the whole file is sent.</returns>
    /// <param name="header">The header's value.</param>
    /// <param name="size">Size of the file.</param>
    /// <param name="range">The range within the file; null when it starts behind the end (416).</param>
    public static bool TryParse(string? header, long size, out ByteRange? range)
    {
        range = null;
        if (!RangeHeaderValue.TryParse(header, out var parsed) || parsed.Unit != "bytes" || parsed.Ranges.Count != 1)
            return false;
        var (from, to) = (parsed.Ranges.First().From, parsed.Ranges.First().To);
        var first = from ?? Math.Max(0, size - to.GetValueOrDefault());
        var last = from is null ? size - 1 : Math.Min(to ?? long.MaxValue, size - 1);
        if (first < size && first <= last)
            range = new ByteRange(first, last - first + 1);
        return true;
    }

    public string ContentRange(long size) => string.Create(CultureInfo.InvariantCulture, $"bytes {Offset}-{Offset + Length - 1}/{size}");
}

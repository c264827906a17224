using System.Buffers.Binary;
using System.Text;

namespace ModelRegistry.Server.Traces.Otlp;

/// <summary>Walks the fields of one protobuf message. A field that nobody reads is skipped.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> rest = message;
    private int wireType;
    private bool isUnread;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (isUnread)
            Skip();
        if (rest.IsEmpty)
            return false;
        var tag = ReadVarint();
        (Field, wireType, isUnread) = ((int)(tag >> 3), (int)(tag & 7), true);
        return Field > 0 ? true : throw Broken();
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Take(2);
        var length = ReadVarint();
        return length <= (ulong)rest.Length ? Cut((int)length) : throw Broken();
    }

    public string Text()
    {
        try
        {
            return Utf8.GetString(Bytes());
        }
        catch (DecoderFallbackException exception)
        {
            throw new OtlpFormatException("A text is not UTF-8.", exception);
        }
    }

    public ulong Varint()
    {
        Take(0);
        return ReadVarint();
    }

    public ulong Fixed64()
    {
        Take(1);
        return BinaryPrimitives.ReadUInt64LittleEndian(Cut(8));
    }

    private void Take(int expected)
    {
        isUnread = false;
        if (wireType != expected)
            throw Broken();
    }

    private void Skip()
    {
        isUnread = false;
        switch (wireType)
        {
            case 0: ReadVarint(); break;
            case 1: Cut(8); break;
            case 2:
                var length = ReadVarint();
                Cut(length <= (ulong)rest.Length ? (int)length : throw Broken());
                break;
            case 5: Cut(4); break;
            default: throw Broken();
        }
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var part = Cut(1)[0];
            value |= shift < 64 ? (ulong)(part & 0x7f) << shift : 0;
            if (part < 0x80)
                return value;
        }

        throw Broken();
    }

    private ReadOnlySpan<byte> Cut(int length)
    {
        if (length > rest.Length)
            throw Broken();
        var part = rest[..length];
        rest = rest[length..];
        return part;
    }

    private static OtlpFormatException Broken() => new("The message is broken.");
}

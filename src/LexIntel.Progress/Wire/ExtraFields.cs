using System.Buffers;

namespace LexIntel.Progress.Wire;

/// <summary>Collects properties that we do not know, so that they are passed on as they came.</summary>
internal struct ExtraFields
{
    private ArrayBufferWriter<byte>? _bytes;

    /// <param name="property">Name, colon and value, verbatim.</param>
    public void Add(ReadOnlySpan<byte> property)
    {
        if (_bytes is null)
            _bytes = new ArrayBufferWriter<byte>(property.Length + 16);
        else
            _bytes.Write(","u8);

        var copy = _bytes.GetSpan(property.Length)[..property.Length];
        property.CopyTo(copy);
        // Valid JSON holds line ends only between tokens. In an event stream one would end the field.
        copy.Replace((byte)'\n', (byte)' ');
        copy.Replace((byte)'\r', (byte)' ');
        _bytes.Advance(property.Length);
    }

    public readonly ReadOnlyMemory<byte> ToMemory() => _bytes?.WrittenMemory ?? default;
}

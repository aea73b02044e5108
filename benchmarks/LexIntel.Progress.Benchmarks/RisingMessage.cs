using System.Globalization;
using System.Text;

namespace LexIntel.Progress.Benchmarks;

/// <summary>One message whose revision rises each time, changed in place, so that making it costs the benchmark nothing.</summary>
internal sealed class RisingMessage
{
    private readonly byte[] _json = SampleStates.Json(full: false);
    private readonly int _numberAt;
    private int _number = 100_000_000;

    public RisingMessage()
    {
        var number = Encoding.ASCII.GetBytes(_number.ToString(CultureInfo.InvariantCulture));
        _numberAt = _json.AsSpan().IndexOf(number);
    }

    public ReadOnlyMemory<byte> Next()
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(++_number, _json.AsSpan(_numberAt), out _);
        return _json;
    }
}

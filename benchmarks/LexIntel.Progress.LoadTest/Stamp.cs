using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.LoadTest;

/// <summary>
/// When a state was published, and which of its document it is, inside the state's message: <c>@nanoseconds.number@</c>, with fixed
/// widths. It survives every framing and encoding that leaves ASCII text alone, so one reader serves all protocols. The clock is the
/// machine's monotonic one, which all processes share.
/// </summary>
/// <param name="At">The clock, in nanoseconds.</param>
/// <param name="Number">1, 2, 3… for each document.</param>
internal readonly record struct Stamp(long At, int Number)
{
    /// <summary>Length of the text form.</summary>
    public const int Length = TimeDigits + NumberDigits + 3;

    private const int TimeDigits = 16;
    private const int NumberDigits = 7;
    private const byte Edge = (byte)'@';
    private const byte Middle = (byte)'.';

    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static long Now => (long)(Stopwatch.GetTimestamp() * NanosecondsPerTick);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"@{At:D16}.{Number:D7}@");

    /// <summary>Finds the next stamp. When there is none, <paramref name="consumed"/> stands before a beginning that the next bytes may complete.</summary>
    public static bool TryFind(ReadOnlySpan<byte> bytes, out Stamp stamp, out int consumed)
    {
        consumed = 0;
        while (bytes[consumed..].IndexOf(Edge) is >= 0 and var start)
        {
            consumed += start;
            var text = bytes[consumed..];
            if (text.Length < Length)
            {
                stamp = default;
                return false;
            }

            if (text[TimeDigits + 1] == Middle && text[Length - 1] == Edge
                && Utf8Parser.TryParse(text.Slice(1, TimeDigits), out long at, out var timeLength) && timeLength == TimeDigits
                && Utf8Parser.TryParse(text.Slice(TimeDigits + 2, NumberDigits), out int number, out var numberLength) && numberLength == NumberDigits)
            {
                consumed += Length;
                stamp = new(at, number);
                return true;
            }

            consumed++;
        }

        consumed = bytes.Length;
        stamp = default;
        return false;
    }
}

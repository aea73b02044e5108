using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LexIntel.Progress;

/// <summary>
/// The place of a state in the history of its document, written <c>attempt-number</c>, e.g. <c>1764000000000-17</c>.
/// Revisions of one document are totally ordered: by attempt, then by number.
/// </summary>
/// <param name="Attempt">Which run of the work; from 1 to 999,999,999,999,999. New attempts take their start time in Unix milliseconds, or one above what is stored.</param>
/// <param name="Number">Which state of that attempt; from 1 to 999,999,999,999,999.</param>
public readonly record struct ProgressRevision(long Attempt, long Number)
    : IComparable<ProgressRevision>, ISpanFormattable, IUtf8SpanFormattable, ISpanParsable<ProgressRevision>, IUtf8SpanParsable<ProgressRevision>
{
    /// <summary>The highest value of either part: 15 digits, which a double (Lua, JavaScript) still holds exactly.</summary>
    public const long MaxPart = 999_999_999_999_999;

    internal const int MaxLength = 31;

    /// <inheritdoc/>
    public int CompareTo(ProgressRevision other) =>
        Attempt != other.Attempt ? Attempt.CompareTo(other.Attempt) : Number.CompareTo(other.Number);

    /// <summary>Whether it comes right after <paramref name="before"/>: in the same attempt, and nothing lies between.</summary>
    internal bool Follows(ProgressRevision before) => Attempt == before.Attempt && Number == before.Number + 1;

    /// <summary>Whether <paramref name="left"/> is older than <paramref name="right"/>.</summary>
    public static bool operator <(ProgressRevision left, ProgressRevision right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is newer than <paramref name="right"/>.</summary>
    public static bool operator >(ProgressRevision left, ProgressRevision right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is older than, or the same as, <paramref name="right"/>.</summary>
    public static bool operator <=(ProgressRevision left, ProgressRevision right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is newer than, or the same as, <paramref name="right"/>.</summary>
    public static bool operator >=(ProgressRevision left, ProgressRevision right) => left.CompareTo(right) >= 0;

    /// <summary>The wire form, <c>attempt-number</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Attempt}-{Number}");

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite(CultureInfo.InvariantCulture, $"{Attempt}-{Number}", out charsWritten);

    /// <inheritdoc/>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        bytesWritten = 0;
        if (!Utf8Formatter.TryFormat(Attempt, utf8Destination, out var attempt) || attempt == utf8Destination.Length)
            return false;
        utf8Destination[attempt] = (byte)'-';
        if (!Utf8Formatter.TryFormat(Number, utf8Destination[(attempt + 1)..], out var number))
            return false;
        bytesWritten = attempt + 1 + number;
        return true;
    }

    /// <summary>Reads the wire form.</summary>
    /// <exception cref="FormatException">It is not two positive integers of at most 15 digits, without leading zeros, joined by a hyphen.</exception>
    public static ProgressRevision Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static ProgressRevision Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var revision) ? revision : throw Invalid(s.ToString());

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static ProgressRevision Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null) =>
        TryParse(utf8Text, provider, out var revision) ? revision : throw Invalid(Encoding.UTF8.GetString(utf8Text));

    /// <summary>Reads the wire form; <see langword="false"/> for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out ProgressRevision result) => TryParse(s, null, out result);

    /// <inheritdoc cref="TryParse(string?, out ProgressRevision)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ProgressRevision result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, out ProgressRevision)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ProgressRevision result)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        result = default;
        return s.Length <= MaxLength && System.Text.Ascii.FromUtf16(s, bytes, out var written) == System.Buffers.OperationStatus.Done
            && TryParse(bytes[..written], provider, out result);
    }

    /// <inheritdoc cref="TryParse(string?, out ProgressRevision)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out ProgressRevision result)
    {
        var hyphen = utf8Text.IndexOf((byte)'-');
        if (hyphen > 0 && TryParsePart(utf8Text[..hyphen], out var attempt) && TryParsePart(utf8Text[(hyphen + 1)..], out var number))
        {
            result = new(attempt, number);
            return true;
        }

        result = default;
        return false;
    }

    private static bool TryParsePart(ReadOnlySpan<byte> text, out long part)
    {
        part = 0;
        // No sign and no leading zero: one revision has one spelling, so that ids and ETags can be compared as text.
        return text.Length is >= 1 and <= 15 && text[0] is >= (byte)'1' and <= (byte)'9'
            && Utf8Parser.TryParse(text, out part, out var consumed) && consumed == text.Length;
    }

    private static FormatException Invalid(string text) => new(
        $"'{text}' is not a revision. Write two positive integers of at most 15 digits, joined by a hyphen, e.g. 1764000000000-17.");
}

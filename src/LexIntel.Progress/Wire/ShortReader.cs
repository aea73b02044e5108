using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace LexIntel.Progress.Wire;

/// <summary>
/// Reads a state in the short form, written as <see cref="StateWriter"/> writes it and the store publishes it: these bytes can go on to clients as they
/// are. Anything else, however valid, is left to <see cref="StateReader"/>, which reads the same from what is read here.
/// </summary>
internal ref struct ShortReader
{
    private ReadOnlySpan<byte> _rest;

    private readonly string? _likelyBatch;

    private ShortReader(ReadOnlySpan<byte> utf8, string? likelyBatch)
    {
        _rest = utf8;
        _likelyBatch = likelyBatch;
    }

    /// <param name="utf8">A message from a document's channel.</param>
    /// <param name="documentId">The document.</param>
    /// <param name="now">Tells which attempts lie in the future.</param>
    /// <param name="likelyBatch">The batch of the state before, whose string is used again when this one says the same.</param>
    /// <param name="fields">The state, without step, message and error.</param>
    /// <returns><see langword="false"/> when it is anything else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, string documentId, DateTimeOffset now, string? likelyBatch, out StateFields fields)
    {
        fields = new() { DocumentId = documentId, Step = "", Message = "" };
        return new ShortReader(utf8, likelyBatch).TryRead(ref fields, now) && !utf8.ContainsAnyInRange((byte)0, (byte)0x1f) && Utf8.IsValid(utf8);
    }

    /// <summary>The revision at the beginning of a message or stored state, short or full; <see langword="null"/> when there is none.</summary>
    public static ProgressRevision? RevisionOf(ReadOnlySpan<byte> utf8)
    {
        var reader = new ShortReader(utf8, likelyBatch: null);
        return reader.Skip("{\"revision\":\""u8) && reader.TryText(ProgressRevision.MaxLength, out var text) && ProgressRevision.TryParse(text, null, out var revision) ? revision : null;
    }

    private bool TryRead(ref StateFields fields, DateTimeOffset now)
    {
        if (!Skip("{\"revision\":\""u8) || !TryText(ProgressRevision.MaxLength, out var text)
            || !ProgressRevision.TryParse(text, null, out var revision) || revision.Attempt > (now + StateLimits.FutureAttempt).ToUnixTimeMilliseconds())
        {
            return false;
        }

        fields.Revision = revision;
        if (Skip(",\"run\":"u8) && !TryWhole(out fields.Run))
            return false;
        if (!Skip(",\"status\":\""u8) || !TryText(16, out text) || !StatusNames.TryParse(text, out fields.Status) || !Ascii.Equals(text, StatusNames.Name(fields.Status)))
            return false;
        // Ids that are not ASCII are left to the other reader.
        if (!Skip(",\"document_id\":\""u8) || !TryText(StateLimits.IdBytes, out text) || !Ascii.Equals(text, fields.DocumentId))
            return false;
        if (!Skip(",\"step\":\""u8) || !TryText(StateLimits.StepLength, out _) || !Skip(",\"progress\":"u8) || !TryPercent(ref fields)
            || !Skip(",\"message\":\""u8) || !TryText(StateLimits.TextLength, out _) || !Skip(",\"timestamp\":\""u8) || !TryTime(ref fields))
        {
            return false;
        }

        if (Skip(",\"error_message\":\""u8) && !TryText(StateLimits.TextLength, out _))
            return false;
        if (Skip(",\"remaining_seconds\":"u8))
        {
            if (!TryWhole(out var seconds))
                return false;
            fields.Remaining = TimeSpan.FromSeconds(seconds);
        }

        if (Skip(",\"batch_id\":\""u8))
        {
            if (!TryText(StateLimits.IdBytes, out text))
                return false;
            fields.BatchId = Ascii.Equals(text, _likelyBatch) ? _likelyBatch : Encoding.UTF8.GetString(text);
            if (!ReferenceEquals(fields.BatchId, _likelyBatch) && DocumentIds.Problem(fields.BatchId!) is not null)
                return false;
        }

        return Skip("}"u8) && _rest.IsEmpty;
    }

    private bool Skip(ReadOnlySpan<byte> expected)
    {
        if (!_rest.StartsWith(expected))
            return false;
        _rest = _rest[expected.Length..];
        return true;
    }

    /// <summary>A string without escapes, from behind its opening quote.</summary>
    private bool TryText(int most, out ReadOnlySpan<byte> text)
    {
        var end = _rest.IndexOfAny((byte)'"', (byte)'\\');
        text = default;
        if (end < 0 || end > most || _rest[end] != '"')
            return false;
        text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return true;
    }

    private bool TryWhole(out int number)
    {
        number = 0;
        var digits = Digits();
        if (digits is 0 or > 9 || (digits > 1 && _rest[0] == '0'))
            return false;
        number = Take(digits);
        return true;
    }

    /// <summary>With at most one decimal, as percentages are shown.</summary>
    private bool TryPercent(ref StateFields fields)
    {
        if (!TryWhole(out var whole) || whole > 100)
            return false;
        var tenths = whole * 10;
        if (Skip("."u8))
        {
            if (Digits() != 1)
                return false;
            tenths += Take(1);
        }

        fields.Percent = tenths / 10.0;
        return fields.Percent <= (fields.Status.IsTerminal ? 100 : StateLimits.UnfinishedPercent);
    }

    /// <summary>In UTC, with milliseconds.</summary>
    private bool TryTime(ref StateFields fields)
    {
        if (!TryNumber(4, "-"u8, out var year) || !TryNumber(2, "-"u8, out var month) || !TryNumber(2, "T"u8, out var day)
            || !TryNumber(2, ":"u8, out var hour) || !TryNumber(2, ":"u8, out var minute) || !TryNumber(2, "."u8, out var second) || !TryNumber(3, "Z\""u8, out var millisecond)
            || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        fields.Timestamp = new(year, month, day, hour, minute, second, millisecond, TimeSpan.Zero);
        return true;
    }

    private bool TryNumber(int digits, ReadOnlySpan<byte> then, out int number)
    {
        number = 0;
        if (Digits() != digits)
            return false;
        number = Take(digits);
        return Skip(then);
    }

    private readonly int Digits() => _rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and var count ? count : _rest.Length;

    private int Take(int digits)
    {
        var number = 0;
        foreach (var digit in _rest[..digits])
            number = (number * 10) + (digit - '0');
        _rest = _rest[digits..];
        return number;
    }
}

namespace LexIntel.Progress.Wire;

/// <summary>The sizes beyond which something is refused, cut or dropped.</summary>
internal static class StateLimits
{
    /// <summary>Bytes of UTF-8 of a document's or batch's id.</summary>
    public const int IdBytes = 256;

    /// <summary>Characters of a step's name; longer ones are cut.</summary>
    public const int StepLength = 128;

    /// <summary>Characters of a message or error; longer ones are cut.</summary>
    public const int TextLength = 1_000;

    /// <summary>Entries of <c>steps</c>; the oldest go first.</summary>
    public const int Steps = 64;

    /// <summary>Bytes of one message of another program on a channel; larger ones are dropped.</summary>
    public const int MessageBytes = 16 * 1024;

    /// <summary>Bytes of a stored snapshot, which holds the steps as well, and of the message that publishes it.</summary>
    public const int SnapshotBytes = 128 * 1024;

    /// <summary>Characters of a trace's context (W3C Trace Context, version 00): two digits, trace, span, flags.</summary>
    public const int TraceLength = 55;

    /// <summary>The highest percentage shown before the end, because existing pages stop at 100.</summary>
    public const double UnfinishedPercent = 99.9;

    /// <summary>How far in the future an attempt may lie. Beyond it a revision is a forgery that would silence every later attempt.</summary>
    public static readonly TimeSpan FutureAttempt = TimeSpan.FromHours(24);

    /// <summary>Cuts a text without cutting a surrogate pair in two.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
            return text;
        var end = length - 1;
        if (char.IsHighSurrogate(text[end - 1]))
            end--;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}

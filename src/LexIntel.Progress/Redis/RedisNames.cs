using System.Text;

namespace LexIntel.Progress.Redis;

/// <summary>Names of keys and channels, which are the same. The id stands in them as it is; they are never used as patterns.</summary>
internal static class RedisNames
{
    /// <summary>The field of a batch's hash that holds its aggregate. No document's id holds a control character.</summary>
    public const string BatchState = "\u0001state";

    private const string Suffix = ":progress";

    public static string Of(string prefix, Subject subject) => $"{prefix}{Kind(subject)}{subject.Id}{Suffix}";

    /// <summary>The length of the same in UTF-8.</summary>
    public static int ByteCount(string prefix, Subject subject) =>
        Encoding.UTF8.GetByteCount(prefix) + Kind(subject).Length + Encoding.UTF8.GetByteCount(subject.Id) + Suffix.Length;

    /// <summary>Writes the same in UTF-8.</summary>
    public static void Write(string prefix, Subject subject, Span<byte> name)
    {
        foreach (var part in (ReadOnlySpan<string>)[prefix, Kind(subject), subject.Id, Suffix])
            name = name[Encoding.UTF8.GetBytes(part, name)..];
    }

    private static string Kind(Subject subject) => subject.IsBatch ? "batch:" : "document:";
}

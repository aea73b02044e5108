namespace LexIntel.Progress.Redis;

/// <summary>Names of keys and channels, which are the same. The id stands in them as it is; they are never used as patterns.</summary>
internal static class RedisNames
{
    /// <summary>The field of a batch's hash that holds its aggregate. No document's id holds a control character.</summary>
    public const string BatchState = "\u0001state";

    public static string Of(string prefix, Subject subject) => $"{prefix}{(subject.IsBatch ? "batch" : "document")}:{subject.Id}:progress";
}

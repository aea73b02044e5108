namespace LexIntel.Progress.Redis;

/// <summary>Names of keys and channels, which are the same. The id stands in them as it is; they are never used as patterns.</summary>
internal static class RedisNames
{
    public static string Document(string prefix, string documentId) => $"{prefix}document:{documentId}:progress";
}

using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// Cuts keys into runs that one command may read: in a Cluster the keys of one slot, elsewhere all of them. It is the client library's own
/// view that decides, at every call, because that is also what the call is routed by: a host may start before its Cluster does.
/// </summary>
internal static class SlotRuns
{
    /// <param name="redis">The connection.</param>
    /// <param name="keys">The keys, in the order of the calls.</param>
    /// <param name="isAlone">Whether a key, by its index, needs a call of its own.</param>
    public static List<Range> Of(IConnectionMultiplexer redis, ReadOnlySpan<RedisKey> keys, Func<int, bool> isAlone)
    {
        List<Range> runs = [];
        // Outside a Cluster every key has the same slot: none.
        for (int start = 0, end; start < keys.Length; start = end)
        {
            var slot = redis.HashSlot(keys[start]);
            end = start + 1;
            if (!isAlone(start))
            {
                while (end < keys.Length && !isAlone(end) && redis.HashSlot(keys[end]) == slot)
                    end++;
            }

            runs.Add(start..end);
        }

        return runs;
    }

    /// <summary>
    /// Makes the client library look again when a server says that the keys of one call have several slots: then it takes a Cluster for a single server.
    /// That can happen when it connects while the Cluster is being made, because it drops what it hears of while a look is under way; by itself it looks once a minute.
    /// </summary>
    public static void Correct(IConnectionMultiplexer redis, Exception failure)
    {
        if (failure is RedisServerException && failure.Message.StartsWith("CROSSSLOT", StringComparison.Ordinal))
            _ = redis.ConfigureAsync();
    }
}

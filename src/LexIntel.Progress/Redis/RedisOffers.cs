using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Sends a group's offers in as few calls as their keys allow.</summary>
internal sealed class RedisOffers(ProgressOptions options)
{
    /// <summary>
    /// The most documents of one call: enough to share its cost, which for fewer than 50 makes each dearer, and few enough that Redis, which runs
    /// nothing else meanwhile, is back after about a millisecond.
    /// </summary>
    private const int DocumentsPerCall = 100;

    /// <summary>The most servers whose calls one group fills.</summary>
    private const int ServersPerGroup = 10;

    private readonly string _offer = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Offer) : RedisScripts.Offer;
    private readonly string _batch = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Batch) : RedisScripts.Batch;
    private readonly ConcurrentQueue<RedisCalls> _idle = new();
    private volatile int _servers = 1;

    public int GroupSize => DocumentsPerCall * _servers;

    /// <summary>Whether a call failed because its server does not answer.</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException;

    public async Task OfferAsync(IConnectionMultiplexer redis, OfferGroup group)
    {
        var calls = _idle.TryDequeue(out var idle) ? idle : new();
        calls.Begin(redis, options.Prefix, group);
        _servers = Math.Clamp(calls.Servers, _servers, ServersPerGroup);
        var areAnswered = await SendAsync(redis, group, calls).ConfigureAwait(false);
        // Slots have moved, or are moving: the client library follows each, and learns where it is now.
        if (calls.BeginAgain(group))
            areAnswered &= await SendAsync(redis, group, calls).ConfigureAwait(false);

        // A call without an answer may still be under way.
        if (areAnswered)
            _idle.Enqueue(calls);
    }

    /// <returns>Whether all calls were answered.</returns>
    private async Task<bool> SendAsync(IConnectionMultiplexer redis, OfferGroup group, RedisCalls calls)
    {
        var areAnswered = true;
        calls.Send(redis.GetDatabase(), group, _offer, _batch);
        for (var i = 0; i < calls.Count; i++)
        {
            try
            {
                await calls[i].Answer.ConfigureAwait(false);
                calls[i].TakeAnswer(group);
            }
            catch (Exception away) when (IsAway(away))
            {
                SlotRuns.Correct(redis, away);
                if (calls[i].Count == group.Count && !RedisAnswer.IsElsewhere(away.Message))
                    throw;
                // One master of a Cluster may be away: the others' documents are taken all the same.
                calls[i].Fail(group, new(OfferOutcome.NotNow, Error: away.Message));
                areAnswered = false;
            }
        }

        return areAnswered;
    }
}

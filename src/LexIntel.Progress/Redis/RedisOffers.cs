using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>Sends a group's offers in as few calls as their keys allow.</summary>
internal sealed class RedisOffers(ProgressOptions options)
{
    /// <summary>The most servers whose calls one group fills.</summary>
    private const int ServersPerGroup = 10;

    private readonly string _offer = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Offer) : RedisScripts.Offer;
    private readonly string _batch = options.ShardedChannels ? RedisScripts.Sharded(RedisScripts.Batch) : RedisScripts.Batch;
    private readonly ConcurrentQueue<RedisCalls> _idle = new();
    private volatile int _servers = 1;

    public int GroupSize => RedisCall.MostDocuments * _servers;

    /// <summary>Whether a call failed because its server does not answer.</summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException;

    /// <param name="redis">The connection.</param>
    /// <param name="group">The offers.</param>
    /// <param name="cancellationToken">Nothing more is sent once it is cancelled; what was sent goes on.</param>
    public async Task OfferAsync(IConnectionMultiplexer redis, OfferGroup group, CancellationToken cancellationToken)
    {
        var calls = _idle.TryDequeue(out var idle) ? idle : new(_offer, _batch);
        var database = redis.GetDatabase();
        calls.Begin(redis, options.Prefix, group);
        _servers = Math.Clamp(calls.Servers, _servers, ServersPerGroup);
        calls.Send(database, group);
        var areAnswered = true;
        // There may be more of them at the end than there are now.
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
                // One master of a Cluster may be away: the others' documents are taken all the same.
                if (!calls[i].Fail(group, away) && calls[i].Count == group.Count)
                    throw;
                areAnswered &= away is RedisServerException;
            }

            if (!cancellationToken.IsCancellationRequested)
                calls.SendElsewhere(i, database, group);
        }

        // Who may write none may have yet to be given the rights.
        if (group.WhyNotTaken is null)
            calls.GiveUpDenied(group);
        // A call without an answer may still be under way.
        if (areAnswered)
            _idle.Enqueue(calls);
    }
}

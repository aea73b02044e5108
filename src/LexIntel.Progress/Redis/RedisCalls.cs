using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The calls in which a group's offers travel: a batch's members alone; documents all together, or in a Cluster those whose keys one server has. It is
/// the client library's own view of the Cluster that decides, at every call, because that is also what calls are routed by: a host may start before
/// its Cluster does, and slots move. Not thread-safe.
/// </summary>
internal sealed class RedisCalls
{
    private readonly RedisKeys _keys = new();
    private readonly List<RedisCall> _calls = [];

    /// <summary>How many calls there are; those behind them wait to be used again.</summary>
    public int Count { get; private set; }

    /// <summary>How many servers of a Cluster they go to, as far as that is known.</summary>
    public int Servers { get; private set; }

    public RedisCall this[int index] => _calls[index];

    /// <summary>Divides a group.</summary>
    public void Begin(IConnectionMultiplexer redis, string prefix, OfferGroup group)
    {
        (Count, Servers) = (0, 0);
        _keys.Begin(group.Count);
        for (var i = 0; i < group.Count; i++)
        {
            _keys.Name(i, prefix, group.Offers[i].Subject);
            // Outside a Cluster every key has the same slot, none, and every server the same keys.
            var isCluster = redis.HashSlot(_keys[i]) >= 0;
            var server = isCluster ? ServerOf(redis, _keys[i]) : null;
            var isAlone = group.Offers[i].Kind == OfferKind.Members || (isCluster && server is null);
            var call = isAlone ? null : Find(server);
            if (call is null)
            {
                call = Next(server, isAlone);
                Servers += isAlone || server is null ? 0 : 1;
            }

            call.Add(i);
        }
    }

    /// <summary>Divides what did not reach the server that has it: each offer travels alone. <see langword="false"/> when there is nothing.</summary>
    public bool BeginAgain(OfferGroup group)
    {
        Count = 0;
        for (var i = 0; i < group.Count; i++)
        {
            if (group.Offers[i].Result is { Outcome: OfferOutcome.NotNow, Error: { } error } && RedisAnswer.IsElsewhere(error))
                Next(null, isAlone: true).Add(i);
        }

        return Count > 0;
    }

    /// <summary>Sends all of them, without waiting for an answer.</summary>
    public void Send(IDatabase database, OfferGroup group, string offerScript, string batchScript)
    {
        for (var i = 0; i < Count; i++)
            _calls[i].Send(database, group, _keys, offerScript, batchScript);
    }

    private RedisCall? Find(IServer? server)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_calls[i].IsOf(server))
                return _calls[i];
        }

        return null;
    }

    private RedisCall Next(IServer? server, bool isAlone)
    {
        if (Count == _calls.Count)
            _calls.Add(new());
        var call = _calls[Count++];
        call.Begin(server, isAlone);
        return call;
    }

    /// <summary>The server that the client library would ask; <see langword="null"/> when it knows none, which the call itself will say.</summary>
    private static IServer? ServerOf(IConnectionMultiplexer redis, RedisKey key)
    {
        try
        {
            return redis.GetServer(key, null, CommandFlags.DemandMaster);
        }
        catch (RedisException)
        {
            return null;
        }
    }
}

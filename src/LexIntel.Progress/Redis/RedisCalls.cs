using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The calls in which a group's offers travel: a batch's members alone; documents all together, or in a Cluster those whose keys one server has. It is
/// the client library's own view of the Cluster that decides, at every call, because that is also what calls are routed by: a host may start before
/// its Cluster does, and slots move. Not thread-safe.
/// </summary>
internal sealed class RedisCalls(string offerScript, string batchScript)
{
    private readonly RedisKeys _keys = new();
    private readonly List<RedisCall> _calls = [];

    /// <summary>How many calls there are; those behind them wait to be used again.</summary>
    public int Count { get; private set; }

    /// <summary>How many servers of a Cluster documents travel to together.</summary>
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
            CallOf(redis, group, i).Add(i);
        }
    }

    /// <summary>Sends all of them, without waiting for an answer.</summary>
    public void Send(IDatabase database, OfferGroup group)
    {
        for (var i = 0; i < Count; i++)
            _calls[i].Send(database, group, _keys, offerScript, batchScript);
    }

    /// <summary>Sends what a call did not bring to the server that has it once more, in calls of their own, which follow redirections.</summary>
    public void SendElsewhere(int index, IDatabase database, OfferGroup group)
    {
        foreach (var offer in _calls[index].Elsewhere)
        {
            var call = Next(server: null, isAlone: true);
            call.Add(offer);
            call.Send(database, group, _keys, offerScript, batchScript);
        }
    }

    /// <summary>Gives up what this user may not write.</summary>
    public void GiveUpDenied(OfferGroup group)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_calls[i].IsDenied)
                _calls[i].GiveUp(group);
        }
    }

    private RedisCall CallOf(IConnectionMultiplexer redis, OfferGroup group, int offer)
    {
        if (group.Offers[offer].Kind == OfferKind.Members)
            return Next(server: null, isAlone: true);
        // Outside a Cluster every key has the same slot, none, and every server the same keys.
        if (redis.HashSlot(_keys[offer]) < 0)
            return CallOf(server: null);
        return ServerOf(redis, _keys[offer]) is { } server ? CallOf(server) : Next(server: null, isAlone: true);
    }

    private RedisCall CallOf(IServer? server)
    {
        var isNew = server is not null;
        for (var i = 0; i < Count; i++)
        {
            if (!_calls[i].IsOf(server))
                continue;
            if (!_calls[i].IsFull)
                return _calls[i];
            isNew = false;
        }

        Servers += isNew ? 1 : 0;
        return Next(server, isAlone: false);
    }

    private RedisCall Next(IServer? server, bool isAlone)
    {
        if (Count == _calls.Count)
            _calls.Add(new());
        var call = _calls[Count++];
        call.Begin(server, isAlone);
        return call;
    }

    /// <summary>
    /// The server that the client library would ask; <see langword="null"/> when it knows none, which the call itself will say, or when that is a proxy,
    /// which looks at the declared key only.
    /// </summary>
    private static IServer? ServerOf(IConnectionMultiplexer redis, RedisKey key)
    {
        try
        {
            return redis.GetServer(key, null, CommandFlags.DemandMaster) is { ServerType: ServerType.Cluster } server ? server : null;
        }
        catch (Exception none) when (none is RedisException or InvalidOperationException)
        {
            return null;
        }
    }
}

namespace LexIntel.Progress.AspNetCore;

/// <summary>How fast commands may come: so many a second, and as many at once. One number instead of a limiter with a timer, because each socket has its own. Not thread-safe.</summary>
internal sealed class CommandRate(int perSecond, TimeProvider time)
{
    private readonly long _interval = time.TimestampFrequency / perSecond;
    private long _paidUntil = time.GetTimestamp();

    /// <summary>Whether one more may come now.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        var begin = Math.Max(_paidUntil, now);
        // Each command takes up its share of a second; whoever has taken up the second that lies ahead waits.
        if (begin - now > _interval * (perSecond - 1))
            return false;
        _paidUntil = begin + _interval;
        return true;
    }
}

using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Publishing;

/// <summary>Whether the backplane takes updates, and when to try again while it does not: ever more slowly. Only the pump changes it.</summary>
internal sealed class Reach(Outbox outbox, TimeProvider time, ILogger<Pump> logger)
{
    /// <summary>The longest time between two tries.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);

    private TimeSpan _delay = FirstRetry;
    private long _partlyAwayUntil = long.MinValue;
    private volatile bool _isAway;

    /// <summary>Whether updates wait, all or those of a part of the store.</summary>
    public bool IsAway => _isAway;

    /// <summary>Before which nothing is tried, by the clock's timestamps; <see langword="null"/> when nothing holds it up.</summary>
    public long? RetryAt { get; private set; }

    /// <summary>When a document that its part of the store could not take is tried again.</summary>
    public long NextTry => After(LongestRetry);

    /// <summary>A call failed.</summary>
    public void Lose(string reason)
    {
        if (_isAway)
            return;
        _isAway = true;
        Log.OutboxWaits(logger, reason);
    }

    /// <summary>A part of the store is away, and others are not: that is over when nothing has failed for a while.</summary>
    public void LosePart(string reason)
    {
        _partlyAwayUntil = After(2 * LongestRetry);
        Lose(reason);
    }

    /// <summary>A call succeeded.</summary>
    public void Find()
    {
        TryNow();
        if (!_isAway || time.GetTimestamp() < _partlyAwayUntil)
            return;
        _isAway = false;
        Log.OutboxGoesOn(logger, outbox.Count);
    }

    /// <summary>Nothing is tried before a while.</summary>
    public void Postpone()
    {
        RetryAt = After(_delay);
        _delay = _delay * 2 < LongestRetry ? _delay * 2 : LongestRetry;
    }

    /// <summary>The next try does not wait, and the ones after it not for long: the connection is another one, and may not be quite ready.</summary>
    public void TryNow() => (RetryAt, _delay) = (null, FirstRetry);

    private long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
}

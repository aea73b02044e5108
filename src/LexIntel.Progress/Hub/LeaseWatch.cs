using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Decides whether the job behind a stored state is alive. Clocks of machines differ, so a lease has run out only when its beat was seen
/// unchanged for a whole lease on this process' own monotonic clock, while the backplane was healthy: else the worker may be unable to renew
/// it. At the first look the store's clock decides. Not thread-safe.
/// </summary>
internal sealed class LeaseWatch(TimeProvider time)
{
    private long? _beat;
    private long _aliveAt;
    private long _lookedAt;
    private TimeSpan _lease;
    private TimeSpan _retention;

    /// <summary>Since when there is no sign of life; <see langword="null"/> while there is, or when no job holds a lease.</summary>
    public DateTimeOffset? StalledSince { get; private set; }

    /// <summary>Whether a lease was never looked at: the store's clock tells how old its last beat is.</summary>
    public bool NeedsLife => _lease > TimeSpan.Zero && _beat is null;

    public bool IsAlive => _lease > TimeSpan.Zero && StalledSince is null;

    /// <summary>A stored state became the newest: whoever reported it was alive, unless it came from the store, where it may have lain for long.</summary>
    public void Accept(State stored, bool isLive)
    {
        (_lease, _retention) = (stored.Lease, stored.Retention);
        if (isLive || _lease <= TimeSpan.Zero)
        {
            _aliveAt = _lookedAt = time.GetTimestamp();
            StalledSince = null;
        }
    }

    /// <summary>The store was read.</summary>
    /// <param name="found">The newest state; <see langword="null"/> when the store has forgotten it: whoever is alive will offer it again.</param>
    /// <param name="isHealthy">Whether the backplane takes what workers send, as far as is known.</param>
    public void Look(StoredState? found, bool isHealthy)
    {
        if (_lease <= TimeSpan.Zero)
            return;
        var now = time.GetTimestamp();
        // The last renewal set its life to the retention; what is gone of that is the beat's age.
        if (!isHealthy)
            _aliveAt += now - _lookedAt; // Time without health does not count.
        if (_beat is null && isHealthy && found?.Life is { } life && _retention - life > _lease)
            _aliveAt = now - (long)((_retention - life).TotalSeconds * time.TimestampFrequency);
        else if ((found is not null && _beat != found.Value.Beat) || time.GetElapsedTime(_lookedAt, now) > _lease)
            _aliveAt = now; // Nobody looked for a whole lease: the backplane was away, for the worker as well. Its time begins anew.
        (_beat, _lookedAt) = (found?.Beat ?? _beat, now);

        var silence = time.GetElapsedTime(_aliveAt, now);
        StalledSince = silence < _lease ? null : StalledSince ?? time.GetUtcNow() - silence;
    }
}

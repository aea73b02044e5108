using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Decides whether the job behind a stored state is alive. Clocks of machines differ, so a lease has run out when its last beat is a whole
/// lease old on this process' own monotonic clock, while the backplane was healthy: else the worker may be unable to renew it. When a beat was
/// follows from the one before it or from the store's clock, whichever is later: only one of them is too early after that clock was set. Nor is it
/// older than the look that did not see it yet, whatever clock a replica has. At the first look the store's clock decides. Not thread-safe.
/// </summary>
internal sealed class LeaseWatch(TimeProvider time)
{
    private TimeSpan? _beat;
    private long _beatAt; // When that was on our clock.
    private long _askedAt; // When it was read.
    private long? _aliveAt; // The last sign of life; unknown before the first. Zero is a time, too: clocks begin there.
    private long _lookedAt;
    private TimeSpan _lease;
    private TimeSpan _retention;

    /// <summary>Since when there is no sign of life; <see langword="null"/> while there is, or when no job holds a lease.</summary>
    public DateTimeOffset? StalledSince { get; private set; }

    /// <summary>
    /// Whether the next look has to learn when the last beat was. A lease is renewed when a third of it has passed, so who gave a sign of life in
    /// the last two thirds of one need not be asked about.
    /// </summary>
    public bool NeedsLife => _lease > TimeSpan.Zero && (_beat is null || StalledSince is not null || _aliveAt is not { } alive || time.GetElapsedTime(alive) >= _lease * 2 / 3);

    /// <summary>How long the lease is; zero when no job holds one.</summary>
    public TimeSpan Length => _lease;

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
        var isFirst = _beat is null;
        // Time without health does not count.
        if (!isHealthy)
            (_aliveAt, _beatAt) = (_aliveAt + now - _lookedAt, _beatAt + now - _lookedAt);
        if (found?.Beat is { } beat)
        {
            if (beat != _beat)
                _beatAt = TimeOf(beat, found.Value.Life, isHealthy, now);
            (_beat, _askedAt, _aliveAt) = (beat, now, _aliveAt > _beatAt ? _aliveAt : _beatAt);
        }

        // Nobody looked for a whole lease: the backplane was away, for the worker as well. Its time begins anew.
        if (!isFirst && time.GetElapsedTime(_lookedAt, now) > _lease)
            _aliveAt = now;
        _lookedAt = now;
        // Nobody is declared dead without being asked about.
        if (found is { Beat: null } || _aliveAt is not { } aliveAt)
            return;
        var silence = time.GetElapsedTime(aliveAt, now);
        StalledSince = silence < _lease ? null : StalledSince ?? time.GetUtcNow() - silence;
    }

    /// <summary>When a new beat was, on our clock.</summary>
    private long TimeOf(TimeSpan beat, TimeSpan? life, bool isHealthy, long now)
    {
        // It set the state's life to the retention; what is gone of that is its age.
        var byStore = life is { } left ? now - Ticks(_retention - left) : now;
        return _beat is { } last ? Math.Clamp(Math.Max(byStore, _beatAt + Ticks(beat - last)), _askedAt, now) : isHealthy ? Math.Min(byStore, now) : now;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}

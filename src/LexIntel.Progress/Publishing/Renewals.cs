using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// Renews what is stored of running jobs and of fresh ends, many in one call: the beat of their leases, and the look that tells whether
/// the store has forgotten. Each slot has its own time, a third of a lease after its last beat, and an update that was stored is one; an end, which
/// is kept for a minute however long a lease lasts, is looked at three times in that. So
/// what reports is not renewed as well, and many jobs do not come due at one moment. What is only remembered rests, and is not looked at. Only
/// the pump uses it.
/// </summary>
internal sealed class Renewals(Outbox outbox, IBackplane backplane, ProgressOptions options, TimeProvider time)
{
    /// <summary>How long what is unfinished is kept without news: whoever would finish it may have died.</summary>
    internal static readonly TimeSpan KeepUnfinished = TimeSpan.FromHours(24);

    private const int LeastToPrune = 4096;

    private readonly PriorityQueue<OutboxEntry, long> _slots = new();
    private readonly List<OutboxEntry> _call = [];
    private OfferGroup _group = new() { Retention = options.Retention };
    private readonly long _interval = (long)(options.Lease.TotalSeconds / 3 * time.TimestampFrequency);
    private readonly long _endInterval = (long)(Math.Min(options.Lease.TotalSeconds, Pump.KeepEnds.TotalSeconds) / 3 * time.TimestampFrequency);
    private readonly long _rest = (long)(KeepUnfinished.TotalSeconds * time.TimestampFrequency);
    private long _restoredAt = long.MinValue;
    private long _notBefore = long.MinValue;
    private int _pruneAt = LeastToPrune;
    private long _forgetMembersAt = long.MinValue;

    /// <summary>How many places there are, those that do not count any more included.</summary>
    public int Count => _slots.Count;

    /// <summary>When the next slot is due, by the clock's timestamps; far away when there is none.</summary>
    public long NextAt => _slots.TryPeek(out _, out var dueAt) ? Math.Max(dueAt, _notBefore) : long.MaxValue;

    /// <summary>The slots, each once, whatever places it has left behind.</summary>
    private IEnumerable<OutboxEntry> Slots => _slots.UnorderedItems.Where(static slot => slot.Element.LookAt == slot.Priority).Select(static slot => slot.Element);

    // Those that are due a little later travel along: a trickle of calls with one document each would cost more than it keeps.
    private long Slack => _interval / 20;

    /// <summary>Whether a slot is one of those that rest. Anybody may ask.</summary>
    public bool IsAtRest(OutboxEntry entry)
    {
        var lookAt = entry.LookAt;
        return lookAt != long.MaxValue && lookAt > time.GetTimestamp() + _interval;
    }

    /// <summary>Takes a slot that has news into care, until the outbox lets go of it.</summary>
    public void Add(OutboxEntry entry, long now)
    {
        // Only one that rests has a later place, or one that has ended since, with a long lease.
        if (entry.LookAt <= now + _endInterval || entry.LookAt <= now + Interval(entry))
            return;
        if (entry.LookAt == long.MaxValue)
            entry.BeatAt = now;
        Sort(entry, now + Interval(entry));
        if (_slots.Count < _pruneAt)
            return;
        // A full outbox drops slots long before they are due, and one that rested and went on has left a place.
        Refill(Slots.Where(outbox.Holds));
        _pruneAt = Math.Max(LeastToPrune, 2 * _slots.Count);
    }

    /// <summary>Makes all due now: the store may have forgotten, whatever was stored before.</summary>
    public void Hasten()
    {
        (_restoredAt, _notBefore) = (time.GetTimestamp(), long.MinValue);
        Refill(Slots, _restoredAt);
    }

    /// <summary>Lets go of what is over, and gathers a call of what is due. <see langword="false"/> when there is none to make.</summary>
    public bool TryGather(long now)
    {
        if (now < NextAt)
            return false;
        while (_call.Count < backplane.GroupSize && _slots.TryPeek(out var entry, out var dueAt) && dueAt <= now + Slack)
        {
            _slots.Dequeue();
            // It has another place by now, or has left the outbox.
            if (entry.LookAt != dueAt || !outbox.Holds(entry))
                continue;
            if (entry.TryRetire(now, Pump.KeepEnds))
                outbox.Remove(entry);
            else if (entry is BatchEntry batch)
                Renew(batch, now);
            else if (!entry.NeedsRenewal)
                Sort(entry, now + (entry.CanRest ? _rest : Interval(entry)));
            else if (entry.BeatAt > _restoredAt && entry.BeatAt + Interval(entry) > now + Slack)
                Sort(entry, entry.BeatAt + Interval(entry));
            else
                _call.Add(entry);
        }

        return _call.Count > 0;
    }

    /// <summary>Makes the call that was gathered. If it fails, what it carried is due again a little later, and nothing is before.</summary>
    /// <returns>Why it failed; <see langword="null"/> when it did not.</returns>
    public async Task<string?> RenewAsync(TimeSpan retryDelay)
    {
        var sentAt = time.GetTimestamp();
        var failure = await TryCallAsync().ConfigureAwait(false);
        if (failure is null)
            Conclude(sentAt);
        else
            _notBefore = time.GetTimestamp() + (long)(retryDelay.TotalSeconds * time.TimestampFrequency);
        foreach (var entry in _call)
            Sort(entry, failure is null ? sentAt + Interval(entry) : _notBefore);
        _call.Clear();
        return failure;
    }

    private async Task<string?> TryCallAsync()
    {
        _group.Clear();
        foreach (var entry in _call)
            _group.AddRenewal(entry.Subject);
        try
        {
            using var limit = new CancellationTokenSource(options.BackplaneTimeout, time);
            await backplane.OfferAsync(_group, limit.Token).ConfigureAwait(false);
            return _group.WhyNotTaken;
        }
#pragma warning disable CA1031 // Whatever the client library throws: they are renewed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // The call may still be under way, and set the results of the group that it carries.
            _group = new() { Retention = options.Retention };
            return exception.Message;
        }
    }

    /// <summary>Tells each slot what is stored of it. Where a part of the store is away that is nothing, and its slots are offered again.</summary>
    private void Conclude(long sentAt)
    {
        for (var i = 0; i < _call.Count; i++)
        {
            var result = _group.Offers[i].Result;
            _call[i].BeatAt = sentAt;
            if (_call[i].Renewed(result.Outcome == OfferOutcome.Repeated ? result.Revision : null))
                outbox.MarkUrgent(_call[i]);
        }
    }

    private long Interval(OutboxEntry entry) => entry.IsFinal ? _endInterval : _interval;

    private void Sort(OutboxEntry entry, long lookAt)
    {
        entry.LookAt = lookAt;
        _slots.Enqueue(entry, lookAt);
    }

    private void Refill(IEnumerable<OutboxEntry> entries, long lookAt = long.MaxValue)
    {
        OutboxEntry[] kept = [.. entries];
        _slots.Clear();
        foreach (var entry in kept)
            Sort(entry, Math.Min(entry.LookAt, lookAt));
    }

    /// <summary>
    /// An offer, even one without news, prolongs the life of a batch, tells whether the store has forgotten it, and whether it is finished.
    /// After a lost connection it may have forgotten some members only, to a replica that lagged: nobody could tell by the revision.
    /// </summary>
    private void Renew(BatchEntry batch, long now)
    {
        if (now >= _forgetMembersAt)
        {
            _forgetMembersAt = now + _interval;
            outbox.ForgetMembers();
        }

        if (batch.BeatAt <= _restoredAt)
            batch.OfferAll();
        batch.BeatAt = now;
        outbox.Mark(batch);
        Sort(batch, now + _interval);
    }
}

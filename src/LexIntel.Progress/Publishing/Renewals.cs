using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// Renews what is stored of running jobs and of fresh ends, many in one call: the beat of their leases, and the look that tells whether
/// the store has forgotten. Only the pump uses it.
/// </summary>
internal sealed class Renewals(Outbox outbox, IBackplane backplane, ProgressOptions options, TimeProvider time)
{
    private readonly Queue<OutboxEntry[]> _calls = new();
    private bool _mayBeForgotten;
    private readonly long _interval = (long)(options.Lease.TotalSeconds / 3 * time.TimestampFrequency);

    /// <summary>When the next round is due, by the clock's timestamps.</summary>
    public long NextAt { get; private set; } = time.GetTimestamp() + (long)(options.Lease.TotalSeconds / 3 * time.TimestampFrequency);

    /// <summary>Whether a call of the present round is left.</summary>
    public bool HasDue => _calls.Count > 0;

    /// <summary>Makes the next round due now: the store may have forgotten.</summary>
    public void Hasten()
    {
        NextAt = time.GetTimestamp();
        _mayBeForgotten = true;
    }

    /// <summary>Begins a round when it is due: lets go of what is over, and sorts the others into calls.</summary>
    public void BeginWhenDue(long now)
    {
        if (now < NextAt)
            return;
        NextAt = now + _interval;
        var renewals = new List<OutboxEntry>();
        foreach (var entry in outbox.Entries)
        {
            if (entry.TryRetire(now, Pump.KeepEnds))
                outbox.Remove(entry);
            else if (entry is BatchEntry batch)
                Renew(batch);
            else if (entry.NeedsRenewal)
                renewals.Add(entry);
        }

        _mayBeForgotten = false;
        outbox.ForgetMembers();

        _calls.Clear();
        foreach (var call in renewals.Chunk(backplane.GroupSize))
            _calls.Enqueue(call);
    }

    /// <summary>
    /// An offer, even one without news, prolongs the life of a batch, tells whether the store has forgotten it, and whether it is finished.
    /// After a lost connection it may have forgotten some members only, to a replica that lagged: nobody could tell by the revision.
    /// </summary>
    private void Renew(BatchEntry batch)
    {
        if (_mayBeForgotten)
            batch.OfferAll();
        outbox.Mark(batch);
    }

    /// <summary>Makes the next call of the round. If it fails, the whole round is made again a little later.</summary>
    public async Task RenewAsync(TimeSpan retryDelay)
    {
        var call = _calls.Dequeue();
        try
        {
            using var limit = new CancellationTokenSource(options.BackplaneTimeout, time);
            var stored = await backplane.RenewAsync(Array.ConvertAll(call, entry => entry.Subject.Id), limit.Token).ConfigureAwait(false);
            for (var i = 0; i < call.Length; i++)
            {
                if (call[i].Renewed(stored[i]))
                    outbox.MarkUrgent(call[i]);
            }
        }
        catch
        {
            _calls.Clear();
            NextAt = time.GetTimestamp() + (long)(retryDelay.TotalSeconds * time.TimestampFrequency);
            throw;
        }
    }
}

using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// The slot of one batch: what this process has stored of the batch's documents. It offers the members that changed, and remembers all it
/// has offered while the batch is unfinished and a little longer, so that it can offer them again when the store has forgotten.
/// </summary>
internal sealed class BatchEntry(string batchId, TimeProvider time) : OutboxEntry(Subject.Batch(batchId))
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Slot> _members = new(StringComparer.Ordinal);
    private readonly Queue<Slot> _changed = new();
    private readonly List<Slot> _offered = [];
    private readonly List<BatchMember> _offer = [];
    private ProgressRevision? _known;
    private BatchTally _tally;
    private int _expected;
    private int _unsentEnds;
    private bool _isDeclared;
    private bool _isDeclarationStored = true;
    private bool _isSilent;
    private bool _isRetired;
    private long _changedAt = time.GetTimestamp();

    /// <summary>That a batch is complete is not its last word: it may grow.</summary>
    public override bool IsFinal => false;

    /// <summary>Its offers prolong the life of what is stored; see <see cref="Renewals"/>.</summary>
    public override bool NeedsRenewal => false;

    /// <summary>How many members it remembers.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _members.Count;
        }
    }

    /// <summary>When it learned something new last, by the clock's timestamps.</summary>
    public long ChangedAt
    {
        get
        {
            lock (_gate)
                return _changedAt;
        }
    }

    /// <summary>Takes a declaration over. <see langword="false"/> when the slot has left the outbox.</summary>
    public bool Declare(int? expectedTotal)
    {
        lock (_gate)
        {
            if (_isRetired)
                return false;
            _isDeclared = true;
            _isDeclarationStored = false;
            _expected = Math.Max(_expected, expectedTotal ?? 0);
            _changedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Learns what was stored of a document. How urgent it is to send that; <see langword="null"/> when the slot has left the outbox.</summary>
    public Urgency? Report(in BatchMember member)
    {
        lock (_gate)
        {
            if (_isRetired)
                return null;
            if (_isSilent)
                return Urgency.None;
            if (!_members.TryGetValue(member.DocumentId, out var slot))
                _members.Add(member.DocumentId, slot = new());
            else if (member.Revision <= slot.Member.Revision)
                return Urgency.None;
            if (member.Status.IsTerminal && !slot.Member.Status.IsTerminal)
                _unsentEnds++;
            slot.Member = member;
            QueueUnsynchronized(slot);
            _changedAt = time.GetTimestamp();
            // What makes the batch finished, as far as is known here, does not wait.
            return _tally.Open > 0 && _unsentEnds >= _tally.Open ? Urgency.Now : Urgency.Due;
        }
    }

    /// <summary>The store may have forgotten any of the members: all are offered again.</summary>
    public void OfferAll()
    {
        lock (_gate)
            QueueAllUnsynchronized();
    }

    /// <summary>Forgets the members that have ended and are stored, to make room. How many they were.</summary>
    public int Forget()
    {
        lock (_gate)
        {
            var before = _members.Count;
            foreach (var (id, slot) in _members)
            {
                if (slot.Member.Status.IsTerminal && !slot.IsQueued && !IsInFlight)
                    _members.Remove(id);
            }

            return before - _members.Count;
        }
    }

    public override bool TryOffer(OfferGroup group)
    {
        lock (_gate)
        {
            if (_isSilent)
                return false;
            while (_offered.Count < BatchLimits.MembersPerOffer && _changed.TryDequeue(out var slot))
            {
                slot.IsQueued = false;
                _offered.Add(slot);
                _offer.Add(slot.Member);
            }

            var mayCreate = _offer.Count > 0 || !_isDeclarationStored;
            group.Add(Subject.Id, new(_known, _expected, _tally.Started, mayCreate, time.GetUtcNow()), _offer);
            _isDeclarationStored = true;
            _offer.Clear();
            return true;
        }
    }

    public override bool Settle(in OfferResult result)
    {
        lock (_gate)
        {
            var isAgain = SettleUnsynchronized(result);
            _offered.Clear();
            return isAgain;
        }
    }

    public override bool Renewed(ProgressRevision? stored) => false;

    public override bool TryRetire(long now, TimeSpan keep)
    {
        lock (_gate)
        {
            // A batch whose other members' publishers have died never finishes.
            var rest = _tally.Open == 0 ? keep : Renewals.KeepUnfinished;
            return _isRetired |= !IsDirty && !IsInFlight && (_isSilent || (_changed.Count == 0 && _isDeclarationStored && time.GetElapsedTime(_changedAt, now) >= rest));
        }
    }

    private bool SettleUnsynchronized(in OfferResult result)
    {
        switch (result.Outcome)
        {
            case OfferOutcome.Unknown or OfferOutcome.NotNow:
                foreach (var slot in _offered)
                    QueueUnsynchronized(slot);
                _isDeclarationStored = !_isDeclared;
                return true;
            case OfferOutcome.Impossible:
                _isSilent = true;
                _members.Clear();
                _changed.Clear();
                return false;
            case OfferOutcome.Refused:
                // It was only looked at, and is not there.
                QueueAllUnsynchronized();
                return _changed.Count > 0 || !_isDeclarationStored;
            default:
                return LearnUnsynchronized(result);
        }
    }

    private bool LearnUnsynchronized(in OfferResult result)
    {
        // Another attempt than before: the store had forgotten, and whoever noticed first, perhaps this offer, began anew.
        var hasForgotten = _known is { } known && known.Attempt != result.Revision.Attempt;
        if (_known != result.Revision)
            _changedAt = time.GetTimestamp();
        _known = result.Revision;
        _tally = result.Tally;
        // Members never leave a batch: whatever the store forgets, its total was at least this.
        _expected = Math.Max(_expected, result.Tally.Total);
        if (hasForgotten)
            QueueAllUnsynchronized();
        if (_changed.Count == 0)
            _unsentEnds = 0;
        return hasForgotten || _changed.Count > 0 && _offered.Count == BatchLimits.MembersPerOffer;
    }

    private void QueueAllUnsynchronized()
    {
        foreach (var slot in _members.Values)
            QueueUnsynchronized(slot);
        _isDeclarationStored = !_isDeclared;
    }

    private void QueueUnsynchronized(Slot slot)
    {
        if (slot.IsQueued)
            return;
        slot.IsQueued = true;
        _changed.Enqueue(slot);
    }

    /// <summary>What is remembered of one member.</summary>
    private sealed class Slot
    {
        public BatchMember Member { get; set; }

        public bool IsQueued { get; set; }
    }
}

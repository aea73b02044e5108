namespace LexIntel.Progress.Publishing;

/// <summary>Which slot the pump offers next: ends first, then what is due, each document at most once in an interval. Only the pump uses it.</summary>
internal sealed class Schedule(long interval, long batchInterval)
{
    private readonly Queue<OutboxEntry> _ends = new();
    private readonly Queue<OutboxEntry> _due = new();
    private readonly PriorityQueue<OutboxEntry, long> _later = new();
    private readonly PriorityQueue<OutboxEntry, long> _again = new();

    /// <summary>Whether something can be offered now.</summary>
    public bool HasDue => _ends.Count + _due.Count > 0;

    /// <summary>When the next of the others is due, by the clock's timestamps; <see langword="null"/> when there is none.</summary>
    public long? NextAt
    {
        get
        {
            var next = _later.TryPeek(out _, out var laterAt) ? laterAt : long.MaxValue;
            next = _again.TryPeek(out _, out var againAt) ? Math.Min(next, againAt) : next;
            return next == long.MaxValue ? null : next;
        }
    }

    /// <summary>Sorts a marked slot in.</summary>
    /// <param name="entry">The slot.</param>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="isFlushing">Somebody waits until everything is stored, so that nothing waits for its interval.</param>
    public void Add(OutboxEntry entry, long now, bool isFlushing)
    {
        var dueAt = DueAt(entry);
        if (entry.Urgency == Urgency.First)
            _ends.Enqueue(entry);
        else if (entry.Urgency == Urgency.Now || isFlushing || entry.LastOffered == long.MinValue || dueAt <= now)
            _due.Enqueue(entry);
        else
            _later.Enqueue(entry, dueAt);
    }

    /// <summary>Sorts in a slot that the store could not take; until then it is not tried again, even when somebody waits for it.</summary>
    public void AddAgain(OutboxEntry entry, long dueAt) => _again.Enqueue(entry, dueAt);

    /// <summary>Moves on what has become due.</summary>
    public void Advance(long now, bool isFlushing)
    {
        while (_later.TryPeek(out var waiting, out var dueAt) && (dueAt <= now || isFlushing))
        {
            _later.Dequeue();
            // Offered since it was sorted in, as something urgent. What was reported after that has a later place of its own.
            if (dueAt == DueAt(waiting))
                _due.Enqueue(waiting);
        }

        while (_again.TryPeek(out var entry, out var againAt) && againAt <= now)
        {
            _again.Dequeue();
            (entry.IsFinal ? _ends : _due).Enqueue(entry);
        }
    }

    public bool TryTake(out OutboxEntry entry) => _ends.TryDequeue(out entry!) || _due.TryDequeue(out entry!);

    private long DueAt(OutboxEntry entry) => entry.LastOffered + (entry.Subject.IsBatch ? batchInterval : interval);
}

using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Tracking;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// What this process has to say: one slot per document, for plain updates and for a job, and one per batch. Accepting never waits; the pump empties it.
/// </summary>
internal sealed class Outbox(ProgressOptions options, TimeProvider time, Func<bool> isHostStopping, ProgressMetrics metrics, ILogger<Outbox> logger, ReportTap? tap = null)
{
    private const int LooksForRoom = 64;

    private readonly ConcurrentDictionary<string, UpdateEntry> _updates = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JobTracker> _jobs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BatchEntry> _batches = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<OutboxEntry> _marked = new();
    private readonly ConcurrentQueue<FlushRequest> _flushes = new();

    private readonly Lock _roomGate = new();
    private Walk<OutboxEntry>? _room;
    private long _searchAllAgainAt = long.MinValue;
    private TrackingContext? _tracking;

    /// <summary>Set when there is something for the pump to look at.</summary>
    public Signal News { get; } = new();

    public int Count => _updates.Count + _jobs.Count + _batches.Count;

    /// <summary>All slots, as they are when they are come to. Nothing is copied.</summary>
    public IEnumerable<OutboxEntry> Entries => Documents().Concat(_batches.Select(static pair => pair.Value));

    public void Accept(ProgressUpdate update)
    {
        while (true)
        {
            if (!_updates.TryGetValue(update.DocumentId, out var entry))
            {
                if (Count >= options.OutboxCapacity && !MakeRoom(update.DocumentId, update.Status.IsTerminal ? Room.ForEnd : Room.ForUpdate))
                    return;
                entry = _updates.GetOrAdd(update.DocumentId, static (id, time) => new(id, time), time);
            }

            if (entry.Accept(update) is not var (isTaken, isUrgent))
            {
                // Retired since it was found.
                Remove(entry);
                continue;
            }

            // Replaced by a job since it was found.
            if (isTaken && !(_updates.TryGetValue(update.DocumentId, out var present) && present == entry))
                continue;
            if (isTaken)
                Report(entry, isUrgent);
            else
                metrics.UpdateRefused("ended");
            return;
        }
    }

    /// <summary>Adds a job; the one that tracked the document before in this process is silent from now on.</summary>
    public JobTracker Add(string documentId, ProgressPlan? plan, TrackOptions trackOptions)
    {
        JobTracker? before = null;
        JobTracker job = null!;
        _tracking ??= new(this, options, time, isHostStopping);
        // A running job is never turned away: whoever runs it holds it in memory anyway, and its end is yet to come.
        if (Count >= options.OutboxCapacity && !_jobs.ContainsKey(documentId))
            MakeRoom(documentId, Room.ForJob);
        var newest = _jobs.AddOrUpdate(
            documentId,
            id => job = new JobTracker(id, plan, trackOptions, _tracking, before: null),
            (id, present) =>
            {
                job = new JobTracker(id, plan, trackOptions, _tracking, present);
                before = present;
                return job.Attempt < present.Attempt ? present : job;
            });
        if (newest != job)
        {
            // A hand-over that was delivered late or twice: a newer attempt runs here already, and goes on.
            job.ReplaceBy(newest.Attempt);
            return job;
        }

        before?.ReplaceBy(job.Attempt);
        // What a plain update said before the job began must not be stored after its beginning.
        _updates.TryRemove(documentId, out _);
        MarkUrgent(job);
        return job;
    }

    public void Declare(ProgressBatch declaration)
    {
        while (Batch(declaration.BatchId) is { } batch)
        {
            if (batch.Declare(declaration.ExpectedTotal))
            {
                MarkUrgent(batch);
                return;
            }

            // Retired since it was found.
            Remove(batch);
        }
    }

    /// <summary>Tells the batch of a document what is stored of it now. The batch's slot, when that has news.</summary>
    public BatchEntry? Report(in Offer offer)
    {
        if (offer.BatchId is not { } batchId)
            return null;
        var member = BatchMember.Of(offer.Subject.Id, offer.Result.Revision, offer.Status, offer.Percent, offer.BatchWeight);
        while (Batch(batchId) is { } batch)
        {
            if (batch.Report(member) is not { } urgency)
                Remove(batch);
            else if (urgency == Urgency.None)
                return null;
            else
                return Mark(batch, urgency);
        }

        return null;
    }

    /// <summary>Bounds what the slots of batches remember of members that are stored: those that changed longest ago let go first.</summary>
    public void ForgetMembers()
    {
        var excess = _batches.Values.Sum(batch => (long)batch.Count) - options.OutboxCapacity;
        if (excess <= 0)
            return;
        var forgotten = 0;
        foreach (var batch in _batches.Values.OrderBy(batch => batch.ChangedAt))
        {
            if (forgotten >= excess)
                break;
            forgotten += batch.Forget();
        }

        if (forgotten > 0)
            Log.MembersForgotten(logger, forgotten, options.OutboxCapacity);
    }

    public void Mark(OutboxEntry entry)
    {
        if (entry.TryMark(Urgency.Due))
            Announce(entry);
    }

    /// <summary>A worker has reported something, which overwrites what was reported before.</summary>
    public void Report(OutboxEntry entry, bool isUrgent)
    {
        metrics.UpdateReported();
        // Before anybody can read it, so that a test which has read a state finds it among the reports.
        if (tap is not null && entry.Reported is { } reported)
            tap(reported);
        if (isUrgent)
            MarkUrgent(entry);
        else if (entry.TryMark(Urgency.Due))
            Announce(entry);
        else
            metrics.UpdateConflated();
    }

    public void MarkUrgent(OutboxEntry entry)
    {
        if (entry.TryMark(entry.IsFinal ? Urgency.First : Urgency.Now))
            Announce(entry);
    }

    public bool TryTakeMarked(out OutboxEntry entry) => _marked.TryDequeue(out entry!);

    public bool TryTakeFlush(out FlushRequest flush) => _flushes.TryDequeue(out flush!);

    /// <param name="pump">Runs as long as something is sent.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<bool> FlushAsync(Task pump, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (pump.IsCompleted)
            return Task.FromResult(!Entries.Any(static entry => entry.IsUnsent));
        var flush = new FlushRequest();
        _flushes.Enqueue(flush);
        News.Set();
        return flush.WaitAsync(pump, limit, time, cancellationToken);
    }

    /// <summary>Jobs that run now will not end any more: their process ends.</summary>
    public void InterruptJobs()
    {
        foreach (var job in _jobs.Values)
            job.Interrupt();
    }

    public bool Remove(OutboxEntry entry) => entry switch
    {
        JobTracker job => _jobs.TryRemove(new(job.DocumentId, job)),
        BatchEntry batch => _batches.TryRemove(new(batch.Subject.Id, batch)),
        _ => _updates.TryRemove(new(entry.Subject.Id, (UpdateEntry)entry)),
    };

    public bool Holds(OutboxEntry entry) => entry switch
    {
        JobTracker job => _jobs.TryGetValue(job.DocumentId, out var present) && present == job,
        BatchEntry batch => _batches.TryGetValue(batch.Subject.Id, out var present) && present == batch,
        _ => _updates.TryGetValue(entry.Subject.Id, out var present) && present == entry,
    };

    /// <summary>The slot of a batch; <see langword="null"/> when there is no room for it.</summary>
    private BatchEntry? Batch(string batchId)
    {
        if (_batches.TryGetValue(batchId, out var batch))
            return batch;
        if (Count >= options.OutboxCapacity && !MakeRoom(Subject.Batch(batchId), Room.ForUpdate))
            return null;
        return _batches.GetOrAdd(batchId, static (id, time) => new(id, time), time);
    }

    private BatchEntry Mark(BatchEntry batch, Urgency urgency)
    {
        if (batch.TryMark(urgency))
            Announce(batch);
        return batch;
    }

    private void Announce(OutboxEntry entry)
    {
        _marked.Enqueue(entry);
        News.Set();
    }

    /// <summary>
    /// The outbox is full: an end, or a job whose end is yet to come, takes the place of something that is not an end; anything else is
    /// dropped. Whoever publishes must not pay for a search through all of it, so each call goes on where the one before stopped.
    /// </summary>
    private bool MakeRoom(Subject subject, Room room)
    {
        OutboxEntry? dropped;
        lock (_roomGate)
        {
            (var retired, dropped) = Search(room);
            if ((retired ?? dropped) is { } leaving)
                Remove(leaving);
            if (retired is not null)
                return true;
        }

        if (dropped is null && room == Room.ForJob)
            return false;
        (dropped as JobTracker)?.ReplaceBy(0);
        metrics.UpdateDropped("outbox_full");
        Log.OutboxFull(logger, dropped?.Subject ?? subject, options.OutboxCapacity);
        return dropped is not null;
    }

    /// <summary>Looks at the next few slots, or at as many as it takes, for one that has nothing to say any more, or less than what needs room.</summary>
    private (OutboxEntry? Retired, OutboxEntry? Dropped) Search(Room room)
    {
        var now = time.GetTimestamp();
        var most = room != Room.ForUpdate && now >= _searchAllAgainAt ? Count : LooksForRoom;
        OutboxEntry? stored = null;
        OutboxEntry? unfinished = null;
        OutboxEntry? end = null;
        for (var i = 0; i < most && !(i >= LooksForRoom && (stored ?? unfinished) is not null); i++)
        {
            if (!(_room ??= new(Documents())).TryNext(out var entry))
                break;
            // Ends that are stored are only kept for the case that the store forgets: they go before anything is dropped, but last.
            if (!entry.NeedsRenewal && entry.TryRetire(now, TimeSpan.Zero))
                return (entry, null);
            if (entry.IsFinal && entry.NeedsRenewal)
                stored ??= entry;
            else if (entry.IsFinal)
                end ??= entry;
            else if (entry is UpdateEntry)
                unfinished ??= entry;
        }

        if (stored is not null && stored.TryRetire(now, TimeSpan.Zero))
            return (stored, null);
        if (room != Room.ForUpdate && unfinished is null)
            _searchAllAgainAt = now + time.TimestampFrequency;
        return (null, room switch { Room.ForEnd => unfinished, Room.ForJob => unfinished ?? end, _ => null });
    }

    /// <summary>The slots of documents.</summary>
    private IEnumerable<OutboxEntry> Documents()
    {
        foreach (var (_, update) in _updates)
            yield return update;
        foreach (var (_, job) in _jobs)
            yield return job;
    }

    /// <summary>What needs room, in the order of what it may displace.</summary>
    private enum Room
    {
        /// <summary>Nothing that is not stored.</summary>
        ForUpdate,

        /// <summary>A state that is not an end.</summary>
        ForEnd,

        /// <summary>An end too, when there is nothing else: ends of a long outage must not pile up without bound.</summary>
        ForJob,
    }
}

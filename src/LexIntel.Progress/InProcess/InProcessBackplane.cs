using System.Collections.Concurrent;
using System.Collections.Immutable;
using LexIntel.Progress.Backplane;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.InProcess;

/// <summary>The backplane of a single process: a dictionary with the rules of the Redis script.</summary>
internal sealed class InProcessBackplane(IOptions<ProgressOptions> options, TimeProvider time) : IBackplane
{
    /// <summary>Above this many documents and batches, those that were written least recently are forgotten, ended ones first.</summary>
    internal const int Capacity = 100_000;

    /// <summary>Above this many documents in batches, the batches that were written least recently are forgotten, finished ones first.</summary>
    private const int BatchCapacity = 1_000_000;

    private readonly ConcurrentDictionary<Subject, StoredEntry> _entries = new();
    private readonly ConcurrentDictionary<Subject, ImmutableArray<IReceiver>> _subscribers = new();
    private readonly TimeSpan _retention = options.Value.Retention;
    private long _lastSweep = time.GetTimestamp();

    public int GroupSize => 100;

    public int ReadSize => 100;

    public bool IsRemote => false;

    // Nothing is ever lost between the two ends of one process.
    public event Action? Restored
    {
        add { }
        remove { }
    }

    public Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        foreach (ref var offer in group.Offers)
            offer.Result = offer.Kind == OfferKind.Renewal ? Renew(offer.Subject) : Take(group, offer);
        SweepWhenDue();
        return Task.CompletedTask;
    }

    public Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        var states = new StoredState?[questions.Count];
        for (var i = 0; i < states.Length; i++)
            states[i] = Find(questions[i].Subject)?.Read(time, _retention);
        return Task.FromResult(states);
    }

    public Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken)
    {
        _subscribers.AddOrUpdate(subject, [receiver], (_, present) => present.Add(receiver));
        return Task.FromResult<ISubscription>(new Subscription(this, subject, receiver));
    }

    public Task ProbeAsync(bool isReader, CancellationToken cancellationToken) => Task.CompletedTask;

    private OfferResult Renew(Subject document) =>
        Find(document)?.Renew(time.GetTimestamp()) is { } revision ? new(OfferOutcome.Repeated, revision) : new(OfferOutcome.Refused);

    private OfferResult Take(OfferGroup group, in Offer offer)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(offer.Subject, static subject => subject.IsBatch ? new StoredBatch() : new StoredDocument());
            lock (entry.Gate)
            {
                // Swept away between the look-up and the lock.
                if (entry.IsForgotten)
                    continue;
                // As in Redis: an end that has expired refuses nothing any more, also before the next sweep.
                if (!entry.IsEmpty && entry.IsExpired(time, _retention))
                {
                    Forget(offer.Subject, entry);
                    continue;
                }

                var result = entry.Take(group, offer, time.GetTimestamp());
                // Published under the entry's lock, so that messages arrive in the order of their revisions.
                if (result.Outcome == OfferOutcome.Accepted && _subscribers.TryGetValue(offer.Subject, out var subscribers))
                {
                    var message = entry.Message(group, offer);
                    foreach (var receiver in subscribers)
                        receiver.Receive(message);
                }

                return result;
            }
        }
    }

    private StoredEntry? Find(Subject subject) =>
        _entries.TryGetValue(subject, out var entry) && !entry.IsExpired(time, _retention) ? entry : null;

    private void SweepWhenDue()
    {
        if (time.GetElapsedTime(_lastSweep) < TimeSpan.FromSeconds(30) && _entries.Count <= Capacity)
            return;
        _lastSweep = time.GetTimestamp();
        foreach (var (subject, entry) in _entries)
        {
            if (entry.IsExpired(time, _retention))
                Forget(subject, entry);
        }

        ForgetBatches();
        // A tenth at a time, so that the sort is rare.
        var excess = _entries.Count - Capacity;
        if (excess <= 0)
            return;
        foreach (var (subject, entry) in _entries.OrderBy(pair => !pair.Value.IsTerminal).ThenBy(pair => pair.Value.Beat).Take(excess + (Capacity / 10)))
            Forget(subject, entry);
    }

    private void ForgetBatches()
    {
        var batches = _entries.Where(pair => pair.Key.IsBatch).Select(pair => (Subject: pair.Key, Batch: (StoredBatch)pair.Value)).ToList();
        var excess = batches.Sum(pair => (long)pair.Batch.Count) - BatchCapacity;
        foreach (var (subject, batch) in batches.OrderBy(pair => !pair.Batch.IsTerminal).ThenBy(pair => pair.Batch.Beat).TakeWhile(_ => excess > 0))
        {
            excess -= batch.Count;
            Forget(subject, batch);
        }
    }

    private void Forget(Subject subject, StoredEntry entry)
    {
        lock (entry.Gate)
        {
            entry.IsForgotten = true;
            _entries.TryRemove(new(subject, entry));
        }
    }

    private void Unsubscribe(Subject subject, IReceiver receiver)
    {
        while (_subscribers.TryGetValue(subject, out var present))
        {
            var rest = present.Remove(receiver);
            if (rest.IsEmpty ? _subscribers.TryRemove(new(subject, present)) : _subscribers.TryUpdate(subject, rest, present))
                return;
        }
    }

    private sealed class Subscription(InProcessBackplane owner, Subject subject, IReceiver receiver) : ISubscription
    {
        public void KeepOrder()
        {
            // Publishers deliver it themselves, one after the other.
        }

        public ValueTask DisposeAsync()
        {
            owner.Unsubscribe(subject, receiver);
            return ValueTask.CompletedTask;
        }
    }
}

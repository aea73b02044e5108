using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using LexIntel.Progress.Backplane;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.InProcess;

/// <summary>The backplane of a single process: a dictionary with the rules of the Redis script.</summary>
internal sealed class InProcessBackplane(IOptions<ProgressOptions> options, TimeProvider time) : IBackplane
{
    /// <summary>Above this many documents, those that were written least recently are forgotten, ended ones first.</summary>
    internal const int Capacity = 100_000;

    private readonly ConcurrentDictionary<string, StoredDocument> _documents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<Action<ReadOnlyMemory<byte>>>> _subscribers = new(StringComparer.Ordinal);
    private readonly TimeSpan _retention = options.Value.Retention;
    private long _lastSweep = time.GetTimestamp();

    public int GroupSize => 100;

    // Nothing is ever lost between the two ends of one process.
    public event Action? Restored
    {
        add { }
        remove { }
    }

    public Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        foreach (ref var offer in group.Offers)
            offer.Result = Take(group, offer);
        SweepWhenDue();
        return Task.CompletedTask;
    }

    public Task<ProgressRevision?[]> RenewAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        var revisions = new ProgressRevision?[documentIds.Count];
        for (var i = 0; i < revisions.Length; i++)
            revisions[i] = Find(documentIds[i])?.Renew(time.GetTimestamp());
        return Task.FromResult(revisions);
    }

    public Task<StoredState?[]> ReadAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        var states = new StoredState?[documentIds.Count];
        for (var i = 0; i < states.Length; i++)
            states[i] = Find(documentIds[i])?.Read(time, _retention);
        return Task.FromResult(states);
    }

    public Task<IAsyncDisposable> SubscribeAsync(string documentId, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        _subscribers.AddOrUpdate(documentId, [receive], (_, present) => present.Add(receive));
        return Task.FromResult<IAsyncDisposable>(new Subscription(this, documentId, receive));
    }

    private OfferResult Take(OfferGroup group, in Offer offer)
    {
        while (true)
        {
            var document = _documents.GetOrAdd(offer.DocumentId, static _ => new());
            lock (document.Gate)
            {
                // Swept away between the look-up and the lock.
                if (document.IsForgotten)
                    continue;
                // As in Redis: an end that has expired refuses nothing any more, also before the next sweep.
                if (!document.IsEmpty && document.IsExpired(time, _retention))
                {
                    Forget(offer.DocumentId, document);
                    continue;
                }

                var result = document.Take(group, offer, time.GetTimestamp());
                // Published under the document's lock, so that messages arrive in the order of their revisions.
                if (result.Outcome == OfferOutcome.Accepted && _subscribers.TryGetValue(offer.DocumentId, out var subscribers))
                {
                    var message = document.Message(group, offer);
                    foreach (var receive in subscribers)
                        receive(message);
                }

                return result;
            }
        }
    }

    private StoredDocument? Find(string documentId) =>
        _documents.TryGetValue(documentId, out var document) && !document.IsExpired(time, _retention) ? document : null;

    private void SweepWhenDue()
    {
        if (time.GetElapsedTime(_lastSweep) < TimeSpan.FromSeconds(30) && _documents.Count <= Capacity)
            return;
        _lastSweep = time.GetTimestamp();
        foreach (var (id, document) in _documents)
        {
            if (document.IsExpired(time, _retention))
                Forget(id, document);
        }

        // A tenth at a time, so that the sort is rare.
        var excess = _documents.Count - Capacity;
        if (excess <= 0)
            return;
        foreach (var (id, document) in _documents.OrderBy(pair => !pair.Value.IsTerminal).ThenBy(pair => pair.Value.Beat).Take(excess + (Capacity / 10)))
            Forget(id, document);
    }

    private void Forget(string id, StoredDocument document)
    {
        lock (document.Gate)
        {
            document.IsForgotten = true;
            _documents.TryRemove(new(id, document));
        }
    }

    private void Unsubscribe(string documentId, Action<ReadOnlyMemory<byte>> receive)
    {
        while (_subscribers.TryGetValue(documentId, out var present))
        {
            var rest = present.Remove(receive);
            if (rest.IsEmpty ? _subscribers.TryRemove(new(documentId, present)) : _subscribers.TryUpdate(documentId, rest, present))
                return;
        }
    }

    private sealed class Subscription(InProcessBackplane owner, string documentId, Action<ReadOnlyMemory<byte>> receive) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            owner.Unsubscribe(documentId, receive);
            return ValueTask.CompletedTask;
        }
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Tests.Support;

/// <summary>Notes what is asked of a backplane and when by the test's clock, and can hold it, fail it, or forget for it.</summary>
internal sealed class RecordingBackplane(IBackplane inner, TimeProvider time) : IBackplane
{
    private readonly ConcurrentQueue<(string DocumentId, double Progress, string Status, DateTimeOffset At)> _offers = new();
    private int _subscriptions;
    private int _openSubscriptions;
    private int _reads;
    private int _renewals;

    public IReadOnlyList<(string DocumentId, double Progress, string Status, DateTimeOffset At)> Offers => [.. _offers];

    /// <summary>Subscriptions made so far.</summary>
    public int Subscriptions => _subscriptions;

    /// <summary>Subscriptions made and not ended.</summary>
    public int OpenSubscriptions => _openSubscriptions;

    /// <summary>Documents read so far.</summary>
    public int Reads => _reads;

    /// <summary>Documents renewed so far.</summary>
    public int Renewals => Volatile.Read(ref _renewals);

    /// <summary>What happens before each offer; throw to fail it.</summary>
    public Func<Task>? BeforeOffer { get; set; }

    /// <summary>What happens before each subscription and read; throw to fail it.</summary>
    public Func<Task>? BeforeRead { get; set; }

    public int GroupSize => inner.GroupSize;

    public event Action? Restored
    {
        add => inner.Restored += value;
        remove => inner.Restored -= value;
    }

    public async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        for (var i = 0; i < group.Count; i++)
        {
            using var state = JsonDocument.Parse("{" + System.Text.Encoding.UTF8.GetString(group.Full(group.Offers[i]).Span));
            _offers.Enqueue((group.Offers[i].DocumentId, state.RootElement.GetProperty("progress").GetDouble(), state.RootElement.GetProperty("status").GetString()!, time.GetUtcNow()));
        }

        if (BeforeOffer is { } before)
            await before().WaitAsync(cancellationToken);
        await inner.OfferAsync(group, cancellationToken);
    }

    public Task<ProgressRevision?[]> RenewAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _renewals, documentIds.Count);
        return inner.RenewAsync(documentIds, cancellationToken);
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<string> documentIds, CancellationToken cancellationToken)
    {
        if (BeforeRead is { } before)
            await before().WaitAsync(cancellationToken);
        Interlocked.Add(ref _reads, documentIds.Count);
        return await inner.ReadAsync(documentIds, cancellationToken);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(string documentId, Action<ReadOnlyMemory<byte>> receive, CancellationToken cancellationToken)
    {
        if (BeforeRead is { } before)
            await before().WaitAsync(cancellationToken);
        Interlocked.Increment(ref _subscriptions);
        Interlocked.Increment(ref _openSubscriptions);
        return new Subscription(this, await inner.SubscribeAsync(documentId, receive, cancellationToken));
    }

    private sealed class Subscription(RecordingBackplane owner, IAsyncDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref owner._openSubscriptions);
            return inner.DisposeAsync();
        }
    }
}

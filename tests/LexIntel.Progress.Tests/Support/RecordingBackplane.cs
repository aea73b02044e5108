using System.Collections.Concurrent;
using System.Text.Json;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Support;

/// <summary>Notes what is asked of a backplane and when by the test's clock, and can hold it, fail it, or forget for it.</summary>
internal sealed class RecordingBackplane(IBackplane inner, TimeProvider time) : IBackplane
{
    private readonly ConcurrentQueue<(string DocumentId, double Progress, string Status, DateTimeOffset At)> _offers = new();
    private readonly ConcurrentQueue<(string BatchId, IReadOnlyList<BatchMember> Members, DateTimeOffset At)> _batchOffers = new();
    private readonly ConcurrentQueue<string> _renewed = new();
    private int _subscriptions;
    private int _openSubscriptions;
    private int _reads;
    private int _probes;

    public IReadOnlyList<(string DocumentId, double Progress, string Status, DateTimeOffset At)> Offers => [.. _offers];

    /// <summary>Offers of members of batches.</summary>
    public IReadOnlyList<(string BatchId, IReadOnlyList<BatchMember> Members, DateTimeOffset At)> BatchOffers => [.. _batchOffers];

    /// <summary>Subscriptions made so far.</summary>
    public int Subscriptions => _subscriptions;

    /// <summary>Subscriptions made and not ended.</summary>
    public int OpenSubscriptions => _openSubscriptions;

    /// <summary>Documents read so far.</summary>
    public int Reads => _reads;

    /// <summary>Documents renewed so far, each as often as it was.</summary>
    public IReadOnlyList<string> Renewed => [.. _renewed];

    /// <summary>How many these are.</summary>
    public int Renewals => _renewed.Count;

    /// <summary>What happens before each renewal; throw to fail it.</summary>
    public Func<Task>? BeforeRenewal { get; set; }

    /// <summary>What happens before each offer; throw to fail it.</summary>
    public Func<Task>? BeforeOffer { get; set; }

    /// <summary>What happens after each offer; throw to lose its answer.</summary>
    public Func<Task>? AfterOffer { get; set; }

    /// <summary>The documents whose part of the store is away.</summary>
    public Func<string, bool>? IsAway { get; set; }

    /// <summary>What happens before each subscription and read; throw to fail it.</summary>
    public Func<Task>? BeforeRead { get; set; }

    public int GroupSize => inner.GroupSize;

    public int ReadSize => inner.ReadSize;

    public bool IsRemote { get; init; }

    /// <summary>What happens at each probe; throw to fail it.</summary>
    public Func<Task>? OnProbe { get; set; }

    /// <summary>Probes so far.</summary>
    public int Probes => Volatile.Read(ref _probes);

    public event Action? Restored
    {
        add => inner.Restored += value;
        remove => inner.Restored -= value;
    }

    public async Task OfferAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        if (group.Offers[0].Kind == OfferKind.Renewal)
        {
            await RenewAsync(group, cancellationToken);
            return;
        }

        for (var i = 0; i < group.Count; i++)
        {
            if (group.Offers[i].Kind == OfferKind.Members)
            {
                _batchOffers.Enqueue((group.Offers[i].Subject.Id, group.Members(group.Offers[i]).ToArray(), time.GetUtcNow()));
                continue;
            }

            using var state = JsonDocument.Parse(group.Full(group.Offers[i]));
            _offers.Enqueue((group.Offers[i].Subject.Id, state.RootElement.GetProperty("progress").GetDouble(), state.RootElement.GetProperty("status").GetString()!, time.GetUtcNow()));
        }

        if (BeforeOffer is { } before)
            await before().WaitAsync(cancellationToken);
        await inner.OfferAsync(group, cancellationToken);
        if (AfterOffer is { } after)
            await after().WaitAsync(cancellationToken);
        TakeAway(group);
    }

    private async Task RenewAsync(OfferGroup group, CancellationToken cancellationToken)
    {
        if (BeforeRenewal is { } before)
            await before().WaitAsync(cancellationToken);
        for (var i = 0; i < group.Count; i++)
            _renewed.Enqueue(group.Offers[i].Subject.Id);
        await inner.OfferAsync(group, cancellationToken);
        TakeAway(group);
    }

    private void TakeAway(OfferGroup group)
    {
        foreach (ref var offer in group.Offers)
            offer.Result = IsAway?.Invoke(offer.Subject.Id) == true ? new(OfferOutcome.NotNow, Error: "a part is away") : offer.Result;
    }

    public async Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken)
    {
        if (BeforeRead is { } before)
            await before().WaitAsync(cancellationToken);
        Interlocked.Add(ref _reads, questions.Count);
        return await inner.ReadAsync(questions, cancellationToken);
    }

    public async Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken)
    {
        if (BeforeRead is { } before)
            await before().WaitAsync(cancellationToken);
        Interlocked.Increment(ref _subscriptions);
        Interlocked.Increment(ref _openSubscriptions);
        return new Subscription(this, await inner.SubscribeAsync(subject, receiver, cancellationToken));
    }

    public async Task ProbeAsync(bool isReader, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _probes);
        if (OnProbe is { } probe)
            await probe().WaitAsync(cancellationToken);
    }

    private sealed class Subscription(RecordingBackplane owner, ISubscription inner) : ISubscription
    {
        public void KeepOrder() => inner.KeepOrder();

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref owner._openSubscriptions);
            return inner.DisposeAsync();
        }
    }
}

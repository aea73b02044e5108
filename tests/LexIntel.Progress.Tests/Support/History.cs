using System.Threading.Channels;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Tests.Support;

/// <summary>A reader of one or many documents that takes every state as soon as it can, and remembers all.</summary>
internal sealed class History : History<ProgressSnapshot>
{
    public History(IProgressSubscriber subscriber, string documentId, ProgressRevision? after = null)
        : base(stop => subscriber.SubscribeAsync(documentId, after, stop))
    {
    }

    public History(IProgressSubscriber subscriber, IReadOnlyCollection<string> documentIds)
        : base(stop => subscriber.SubscribeAsync(documentIds, stop))
    {
    }
}

/// <summary>The same of a batch.</summary>
internal sealed class BatchHistory(IProgressSubscriber subscriber, string batchId, ProgressRevision? after = null)
    : History<ProgressBatchSnapshot>(stop => subscriber.SubscribeBatchAsync(batchId, after, stop));

internal abstract class History<T> : IAsyncDisposable
    where T : class
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<T> _fresh = Channel.CreateUnbounded<T>();
    private readonly List<T> _states = [];
    private readonly Task _reading;
    private bool _isEndSeen;

    protected History(Func<CancellationToken, IAsyncEnumerable<T>> subscribe) => _reading = ReadAsync(subscribe(_stop.Token));

    /// <summary>All states so far, oldest first.</summary>
    public IReadOnlyList<T> States
    {
        get
        {
            lock (_states)
                return [.. _states];
        }
    }

    /// <summary>The next state that was not asked for yet.</summary>
    public Task<T> NextAsync() => _fresh.Reader.ReadAsync().AsTask().WithinAsync("a state");

    /// <summary>Takes states until one is what the test waits for.</summary>
    public async Task<T> UntilAsync(Func<T, bool> isIt, string expected)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        T? last = null;
        try
        {
            do
                last = await _fresh.Reader.ReadAsync(limit.Token);
            while (!isIt(last));
            return last;
        }
        catch (Exception none) when (none is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"Expected: {expected}. The last state was {last}.", none);
        }
    }

    /// <summary>Waits until the sequence has ended by itself, and returns all of it.</summary>
    public async Task<IReadOnlyList<T>> EndAsync()
    {
        _isEndSeen = true;
        await _reading.WithinAsync("the end of the sequence");
        return States;
    }

    public bool HasEnded => _reading.IsCompleted;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _reading;
        }
        catch (Exception end) when (end is OperationCanceledException || _isEndSeen)
        {
            // The test is over before the document, or has seen how it ends.
        }

        _stop.Dispose();
    }

    private async Task ReadAsync(IAsyncEnumerable<T> states)
    {
        try
        {
            await foreach (var state in states)
            {
                lock (_states)
                    _states.Add(state);
                _fresh.Writer.TryWrite(state);
            }
        }
        finally
        {
            _fresh.Writer.TryComplete();
        }
    }
}

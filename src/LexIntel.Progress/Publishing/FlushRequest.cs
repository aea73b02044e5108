namespace LexIntel.Progress.Publishing;

/// <summary>A wait for everything that was accepted before it. Only the pump counts.</summary>
internal sealed class FlushRequest
{
    /// <summary>What a timer can count, 49.7 days. Whoever waits longer waits for ever.</summary>
    private static readonly TimeSpan LongestLimit = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // With each entry, whether what is waited for was offered: then the answer to that is waited for, else that it is offered.
    private readonly Dictionary<OutboxEntry, bool> _waiting = [];

    public bool IsOver => _done.Task.IsCompleted;

    public async Task<bool> WaitAsync(Task pump, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            limit = limit <= LongestLimit ? limit : Timeout.InfiniteTimeSpan;
            await Task.WhenAny(_done.Task, pump).WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            // A pump that has ended completes nothing any more.
            return _done.Task.IsCompleted && await _done.Task.ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            // Nobody waits any more.
            _done.TrySetResult(false);
        }
    }

    /// <param name="entries">Everything in the outbox.</param>
    public void Begin(IEnumerable<OutboxEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.IsDirty)
                _waiting[entry] = false;
            else if (entry.IsInFlight)
                _waiting[entry] = true;
        }

        CompleteWhenEmpty();
    }

    /// <summary>What is stored of the entry gives its batch news, which is waited for as well.</summary>
    public void Follow(OutboxEntry entry, OutboxEntry batch)
    {
        if (_waiting.ContainsKey(entry))
            _waiting[batch] = false;
    }

    /// <summary>An offer of the entry is on its way.</summary>
    public void Offered(OutboxEntry entry)
    {
        if (_waiting.ContainsKey(entry))
            _waiting[entry] = true;
    }

    /// <summary>What was offered of the entry is stored, or cannot be.</summary>
    public void Settled(OutboxEntry entry)
    {
        if (_waiting.TryGetValue(entry, out var isOffered) && isOffered)
            _waiting.Remove(entry);
        CompleteWhenEmpty();
    }

    private void CompleteWhenEmpty()
    {
        if (_waiting.Count == 0)
            _done.TrySetResult(true);
    }
}

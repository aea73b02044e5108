namespace LexIntel.Progress.Publishing;

/// <summary>A wait for everything that was accepted before it. Only the pump counts.</summary>
internal sealed class FlushRequest
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // With each entry, how many offers of it have to be settled.
    private Dictionary<OutboxEntry, int> _waiting = [];

    public bool IsOver => _done.Task.IsCompleted;

    public async Task<bool> WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await _done.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
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

    public void Begin(IEnumerable<OutboxEntry> dirty)
    {
        _waiting = dirty.ToDictionary(static entry => entry, static _ => 1);
        CompleteWhenEmpty();
    }

    /// <summary>What is stored of the entry gives its batch news, which is waited for as well.</summary>
    public void Follow(OutboxEntry entry, OutboxEntry batch)
    {
        // The offer of the batch that is under way was made before.
        if (_waiting.ContainsKey(entry))
            _waiting[batch] = batch.IsInFlight ? 2 : 1;
    }

    /// <summary>The entry's newest state is stored, or cannot be.</summary>
    public void Settled(OutboxEntry entry)
    {
        if (_waiting.TryGetValue(entry, out var offers) && offers > 1)
            _waiting[entry] = offers - 1;
        else
            _waiting.Remove(entry);
        CompleteWhenEmpty();
    }

    private void CompleteWhenEmpty()
    {
        if (_waiting.Count == 0)
            _done.TrySetResult(true);
    }
}

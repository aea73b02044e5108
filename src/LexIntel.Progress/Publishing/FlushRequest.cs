namespace LexIntel.Progress.Publishing;

/// <summary>A wait for everything that was accepted before it. Only the pump counts.</summary>
internal sealed class FlushRequest
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<OutboxEntry> _waiting = [];

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
        _waiting = [.. dirty];
        CompleteWhenEmpty();
    }

    /// <summary>The entry's newest state is stored, or cannot be.</summary>
    public void Settled(OutboxEntry entry)
    {
        _waiting.Remove(entry);
        CompleteWhenEmpty();
    }

    private void CompleteWhenEmpty()
    {
        if (_waiting.Count == 0)
            _done.TrySetResult(true);
    }
}

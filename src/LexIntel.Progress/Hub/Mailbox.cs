namespace LexIntel.Progress.Hub;

/// <summary>
/// What one reader has not taken yet: at most the newest state of each document it watches. Whoever fills it never waits; a reader that
/// does not read costs this object and nothing else.
/// </summary>
internal sealed class Mailbox
{
    private readonly Queue<Watch> _pending = new();
    private readonly Signal _signal = new();

    public Lock Gate { get; } = new();

    /// <summary>Waits until there may be something to take or to look at.</summary>
    public ValueTask WaitAsync() => _signal.WaitAsync();

    /// <summary>Wakes the reader to look at what is not a state: a heartbeat that is due, its end, the health of the hub.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Takes the newest state of the document that has waited longest.</summary>
    public bool TryTake(out Delivery delivery)
    {
        lock (Gate)
        {
            if (_pending.TryDequeue(out var watch))
            {
                delivery = watch.TakeUnsynchronized();
                return true;
            }
        }

        delivery = default;
        return false;
    }

    /// <summary>Called by a watch that got its first state since the last was taken.</summary>
    public void AddUnsynchronized(Watch watch) => _pending.Enqueue(watch);
}

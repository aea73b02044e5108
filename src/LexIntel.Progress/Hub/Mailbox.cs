namespace LexIntel.Progress.Hub;

/// <summary>
/// What one reader has not taken yet: at most the newest state of each document it watches. Whoever fills it never waits; a reader that
/// does not read costs this object and nothing else.
/// </summary>
internal sealed class Mailbox
{
    private readonly Signal _signal = new(Dispatcher.Shared);
    private WatchList _watches = new(ofTopic: false);
    private Watch? _firstPending;
    private Watch? _lastPending;

    /// <summary>What its watches lock; without an object of its own, of which there would be one for each reader.</summary>
    public object Gate => _signal;

    /// <summary>How many documents are watched.</summary>
    public int WatchCount => _watches.Count;

    /// <summary>Waits until there may be something to take or to look at.</summary>
    public ValueTask WaitAsync() => _signal.WaitAsync();

    /// <summary>Wakes the reader to look at what is not of a document: a heartbeat that is due, its end, the health of the hub.</summary>
    public void Wake() => _signal.Set();

    /// <summary>Takes what is new of the document that has waited longest.</summary>
    public bool TryTake(out Delivery delivery)
    {
        if (!TryDequeue(out delivery))
            return false;
        if (delivery.State is { } state)
            delivery.Watch.Topic.CountDelivery(state);
        return true;
    }

    /// <summary>All watches of this moment.</summary>
    public List<Watch> GetWatches()
    {
        lock (Gate)
        {
            var watches = new List<Watch>(WatchCount);
            for (var watch = _watches.First; watch is not null; watch = watch.InMailbox.Next)
                watches.Add(watch);
            return watches;
        }
    }

    /// <summary>Ends all watches.</summary>
    public void LeaveAll()
    {
        while (_watches.First is { } watch)
            watch.Dispose();
    }

    /// <summary>Called by a watch that has something new since it was last taken.</summary>
    public void QueueUnsynchronized(Watch watch)
    {
        if (_lastPending is { } last)
            last.NextPending = watch;
        else
            _firstPending = watch;
        _lastPending = watch;
    }

    public void AddUnsynchronized(Watch watch) => _watches.Add(watch);

    public void RemoveUnsynchronized(Watch watch) => _watches.Remove(watch);

    private bool TryDequeue(out Delivery delivery)
    {
        lock (Gate)
        {
            while (_firstPending is { } watch)
            {
                _firstPending = watch.NextPending;
                watch.NextPending = null;
                if (_firstPending is null)
                    _lastPending = null;
                // One that has left meanwhile wants nothing any more.
                if (watch.TryTakeUnsynchronized(out delivery))
                    return true;
            }
        }

        delivery = default;
        return false;
    }
}

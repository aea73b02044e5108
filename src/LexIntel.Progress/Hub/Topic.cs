using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>The hub's entry for one watched document: what stands, and who watches. Nothing here waits for a reader.</summary>
internal sealed class Topic(string documentId, ProgressHub hub, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];
    private readonly Standing _standing = new();
    private readonly LeaseWatch _lease = new(time);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _emptySince = time.GetTimestamp();
    private bool _isClosed;

    public string DocumentId { get; } = documentId;

    /// <summary>Completes when the document was looked up once, whatever came of it.</summary>
    public Task Opened => _opened.Task;

    /// <summary>The state that counts; <see langword="null"/> when nothing is known.</summary>
    public State? Current
    {
        get
        {
            lock (_gate)
                return _standing.Current;
        }
    }

    /// <summary>Since when the worker gives no sign of life.</summary>
    public DateTimeOffset? StalledSince
    {
        get
        {
            lock (_gate)
                return _standing.Current is { Origin: StateOrigin.Stored, IsTerminal: false } ? _lease.StalledSince : null;
        }
    }

    /// <summary>The host's source says that there is no such document, and nobody else knows it.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>The subscription; only the hub's loop and the first opening touch it, never at once.</summary>
    public IAsyncDisposable? Subscription { get; set; }

    /// <summary>When a newer stored state was accepted, or the store was read, last.</summary>
    public long QuietSince { get; private set; } = time.GetTimestamp();

    public bool IsReadDue { get; set; }

    /// <summary>When the host's source was asked last.</summary>
    public long? SourceAskedAt { get; set; }

    /// <summary>Adds a reader, who gets what stands at once. <see langword="null"/> when the topic has been closed.</summary>
    public Watch? Join(Mailbox mailbox, ProgressRevision? after)
    {
        lock (_gate)
        {
            if (_isClosed)
                return null;
            var watch = new Watch(this, mailbox, after);
            _watches.Add(watch);
            if (_standing.Current is { } current)
                watch.Offer(current);
            return watch;
        }
    }

    public void Leave(Watch watch)
    {
        lock (_gate)
        {
            if (_watches.Remove(watch) && _watches.Count == 0)
                _emptySince = time.GetTimestamp();
        }
    }

    /// <summary>Closes a topic that nobody has watched for a while.</summary>
    public bool TryClose(TimeSpan linger)
    {
        lock (_gate)
        {
            if (_watches.Count > 0 || !Opened.IsCompleted || time.GetElapsedTime(_emptySince) < linger)
                return false;
            return _isClosed = true;
        }
    }

    public void SetOpened() => _opened.TrySetResult();

    /// <summary>A message came over pub/sub.</summary>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        if (hub.Parse(message, DocumentId, StateLimits.MessageBytes) is not { } state)
            return;
        lock (_gate)
        {
            if (state.Origin == StateOrigin.Stored)
            {
                // A short update of an attempt whose steps and lease nobody told yet.
                IsReadDue |= !state.IsFull && _standing.Stored?.Revision?.Attempt != state.Revision!.Value.Attempt;
            }

            OfferUnsynchronized(state, isLive: true);
        }
    }

    /// <summary>The store was read. <see langword="true"/> when it held a newer state than pub/sub had delivered.</summary>
    public bool Look(StoredState? stored)
    {
        var state = stored is { } present ? hub.Parse(present.Json, DocumentId, StateLimits.SnapshotBytes) : null;
        lock (_gate)
        {
            QuietSince = time.GetTimestamp();
            IsReadDue = false;
            if (state?.Revision is null)
                return false;
            var before = _standing.Stored;
            var isNewer = OfferUnsynchronized(state, isLive: false);
            if (_standing.Stored?.Revision == state.Revision)
            {
                var wasStalled = _lease.StalledSince;
                _lease.Look(stored!.Value);
                if (wasStalled is null != _lease.StalledSince is null)
                    WakeUnsynchronized();
            }

            return isNewer && before is not null && Opened.IsCompleted;
        }
    }

    /// <summary>The host's source answered.</summary>
    public void Take(SourceAnswer answer)
    {
        if (!answer.IsAnswered)
            return;
        lock (_gate)
        {
            IsUnknown = answer.State is null && _standing.Current is null;
            if (answer.State is { } state)
                OfferUnsynchronized(state, isLive: false);
        }
    }

    /// <summary>Whether a source could know more than stands here.</summary>
    public bool NeedsSource
    {
        get
        {
            lock (_gate)
                return _standing.Current is not { IsTerminal: true } && (_standing.Stored is null || _lease.StalledSince is not null);
        }
    }

    public void Wake()
    {
        lock (_gate)
            WakeUnsynchronized();
    }

    private bool OfferUnsynchronized(State state, bool isLive)
    {
        var newestBefore = _standing.Stored;
        var hasChanged = _standing.Offer(state, _lease.IsAlive, isLive, time.GetUtcNow());
        var isNewer = !ReferenceEquals(newestBefore, _standing.Stored);
        if (isNewer)
        {
            QuietSince = time.GetTimestamp();
            var wasStalled = _lease.StalledSince is not null;
            _lease.Accept(_standing.Stored!, isLive);
            if (wasStalled && _lease.StalledSince is null)
                WakeUnsynchronized();
        }

        if (hasChanged)
        {
            IsUnknown = false;
            foreach (var watch in _watches)
                watch.Offer(_standing.Current!);
        }

        return isNewer;
    }

    private void WakeUnsynchronized()
    {
        foreach (var watch in _watches)
            watch.Mailbox.Wake();
    }
}

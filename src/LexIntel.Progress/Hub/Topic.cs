using LexIntel.Progress.Backplane;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>The hub's entry for one watched document or batch: what stands, and who watches. Nothing here waits for a reader.</summary>
internal sealed class Topic(Subject subject, ProgressHub hub) : IReceiver
{
    private const int MostAhead = 64;

    // Also what is locked: one object less for each document.
    private readonly Standing _standing = new();
    private WatchList _watches = new(ofTopic: true);
    private List<State>? _ahead;

    // Since a job was seen.
    private LeaseWatch? _lease;
    private TaskCompletionSource? _opening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _emptySince = hub.Time.GetTimestamp();
    private bool _isClosed;
    private string? _batchId;

    public Subject Subject { get; } = subject;

    /// <summary>Completes when it was looked up once, whatever came of it.</summary>
    public Task Opened => Volatile.Read(ref _opening)?.Task ?? Task.CompletedTask;

    /// <summary>Whether it was.</summary>
    public bool IsOpened => Volatile.Read(ref _opening) is null;

    /// <summary>The state that counts; <see langword="null"/> when nothing is known. It stays as it is for whoever has it.</summary>
    public State? Current
    {
        get
        {
            lock (_standing)
                return _standing.Current?.Keep();
        }
    }

    /// <summary>Since when the worker gives no sign of life.</summary>
    public DateTimeOffset? StalledSince
    {
        get
        {
            lock (_standing)
                return _standing.Current is { Origin: StateOrigin.Stored, IsTerminal: false } ? _lease?.StalledSince : null;
        }
    }

    /// <summary>The host's source says that there is no such document, and nobody else knows it.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>The subscription; only <see cref="Subscriptions"/> sets it, one at a hub.Time.</summary>
    public ISubscription? Subscription { get; set; }

    /// <summary>The try to subscribe that is under way, or was the last; never fails.</summary>
    public Task Subscribing { get; set; } = Task.CompletedTask;

    /// <summary>When a newer stored state was accepted, or the store was read, last.</summary>
    public long QuietSince { get; private set; } = hub.Time.GetTimestamp();

    public bool IsReadDue { get; set; }

    /// <summary>How long it may go without news before it is read. A running job is looked at twice in its lease: longer without a look counts as an outage, in which nobody is called dead.</summary>
    public TimeSpan MostQuiet(TimeSpan quietInterval) => _lease is { } lease && lease.Length > TimeSpan.Zero && lease.Length / 2 < quietInterval ? lease.Length / 2 : quietInterval;

    /// <summary>The revision of the newest stored state; <see langword="null"/> when none is known.</summary>
    private ProgressRevision? StoredRevision
    {
        get
        {
            lock (_standing)
                return _standing.Stored?.Revision;
        }
    }

    /// <summary>What the next look has to learn.</summary>
    public Question Ask()
    {
        lock (_standing)
            return new(Subject, _standing.Stored?.Revision, _standing.Stored is null || _lease is { NeedsLife: true });
    }

    /// <summary>When the host's source was asked last.</summary>
    public long? SourceAskedAt { get; set; }

    /// <summary>Adds a reader, who gets what stands at once. <see langword="null"/> when the topic has been closed.</summary>
    public Watch? Join(Mailbox mailbox, ProgressRevision? after)
    {
        lock (_standing)
        {
            if (_isClosed)
                return null;
            var watch = new Watch(this, mailbox, after);
            _watches.Add(watch);
            lock (mailbox.Gate)
                mailbox.AddUnsynchronized(watch);
            if (_standing.Current is { } current)
                watch.Offer(current);
            if (IsOpened)
                watch.Look();
            return watch;
        }
    }

    public void Leave(Watch watch)
    {
        lock (_standing)
        {
            _watches.Remove(watch);
            if (_watches.Count == 0)
                _emptySince = hub.Time.GetTimestamp();
        }
    }

    /// <summary>Closes a topic that nobody has watched for a while.</summary>
    public bool TryClose(TimeSpan linger)
    {
        // Most are watched. One that is left this moment is closed in a later round.
        if (_watches.Count > 0)
            return false;
        lock (_standing)
        {
            if (_watches.Count > 0 || !IsOpened || hub.Time.GetElapsedTime(_emptySince) < linger)
                return false;
            return _isClosed = true;
        }
    }

    public int ReaderCount
    {
        get
        {
            lock (_standing)
                return _watches.Count;
        }
    }

    /// <summary>A reader took a state.</summary>
    public void CountDelivery(State state)
    {
        hub.Metrics.StateDelivered();
        if (state.IsLive && hub.Metrics.IsLagWanted)
            hub.Metrics.Delivered(hub.Time.GetUtcNow() - state.Timestamp);
    }

    /// <summary>A reader will never see a state, because a newer one took its place.</summary>
    public void CountConflationUnsynchronized() => hub.Metrics.StateConflated();

    public void SetOpened()
    {
        TaskCompletionSource? opening;
        lock (_standing)
        {
            opening = _opening;
            Volatile.Write(ref _opening, null);
            LookUnsynchronized();
        }

        opening?.TrySetResult();
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlyMemory<byte> message)
    {
        if (hub.Parse(message, Subject, MostBytes(message.Span), _batchId) is not { } state)
            return;
        if (state.Origin == StateOrigin.Foreign)
            hub.Metrics.MessageForeign();
        lock (_standing)
        {
            _batchId = state.BatchId ?? _batchId;
            if (LacksWhatWasBeforeUnsynchronized(state))
            {
                KeepUnsynchronized(state.Keep());
                return;
            }

            OfferUnsynchronized(state, isLive: true);
            // Two messages can overtake each other on their way through the threads: the later one follows now.
            if (_ahead is [var first, ..] && !LacksWhatWasBeforeUnsynchronized(first))
                OfferKeptUnsynchronized();
        }

        state.Release();
    }

    /// <summary>The store was read. <see langword="true"/> when it held a newer state than pub/sub had delivered.</summary>
    public bool Look(StoredState? stored)
    {
        // Most often it is what stands here already.
        var revision = stored?.Revision;
        var state = stored is { Json.IsEmpty: false } present && revision != StoredRevision ? hub.Parse(present.Json, Subject, StateLimits.SnapshotBytes, _batchId) : null;
        bool wasMissed, mayBeForeign;
        lock (_standing)
        {
            QuietSince = hub.Time.GetTimestamp();
            IsReadDue = false;
            var before = _standing.Stored;
            var isNewer = state is { Origin: StateOrigin.Stored } && OfferUnsynchronized(state, isLive: false);
            OfferKeptUnsynchronized();
            var wasStalled = _lease?.StalledSince;
            _lease?.Look(revision is not null && revision == _standing.Stored?.Revision ? stored : null, isHealthy: !hub.Health.IsFailing);
            if (wasStalled is null != _lease?.StalledSince is null)
                LookUnsynchronized();
            wasMissed = isNewer && before is not null && IsOpened;
            mayBeForeign = _standing.Stored is null;
        }

        state?.Release();
        if (mayBeForeign)
            Subscription?.KeepOrder();

        if (IsOpened)
            hub.Metrics.Reread(wasMissed);
        return wasMissed;
    }

    /// <summary>The host's source answered.</summary>
    public void Take(SourceAnswer answer)
    {
        if (!answer.IsAnswered)
            return;
        lock (_standing)
        {
            var wasUnknown = IsUnknown;
            IsUnknown = answer.State is null && _standing.Current is null;
            if (IsUnknown && !wasUnknown)
                LookUnsynchronized();
            if (answer.State is { } state)
                OfferUnsynchronized(state, isLive: false);
        }
    }

    /// <summary>Whether a source could know more than stands here.</summary>
    public bool NeedsSource
    {
        get
        {
            lock (_standing)
                return _standing.Current is not { IsTerminal: true } && (_standing.Stored is null || _lease?.StalledSince is not null);
        }
    }

    /// <summary>Wakes all readers to look at what is not of this document.</summary>
    public void Wake()
    {
        lock (_standing)
        {
            for (var watch = _watches.First; watch is not null; watch = watch.InTopic.Next)
                watch.Mailbox.Wake();
        }
    }

    /// <summary>A stored state may come in full, with all its steps; other programs' messages have none.</summary>
    private static int MostBytes(ReadOnlySpan<byte> message) => message.StartsWith("{\"revision\":"u8) ? StateLimits.SnapshotBytes : StateLimits.MessageBytes;

    /// <summary>
    /// A short update that is not the next one: what was lost before it may have begun a step or taken a lease, which only the store can
    /// still tell. Shown as it is, it would hide the loss, because the read that follows would find nothing newer.
    /// </summary>
    private bool LacksWhatWasBeforeUnsynchronized(State state) =>
        state is { Origin: StateOrigin.Stored, IsFull: false, IsTerminal: false } && state.Revision is { Number: > 1 } revision
        && !(_standing.Stored?.Revision is { } stored && (revision <= stored || revision.Follows(stored)));

    /// <summary>Keeps what came before the read that it needs, so that updates that come faster than reads are not always one too late.</summary>
    private void KeepUnsynchronized(State state)
    {
        IsReadDue = true;
        if (_ahead is [.., var last] && !(state.Revision!.Value.Follows(last.Revision!.Value) && _ahead.Count < MostAhead))
            _ahead.Clear();
        (_ahead ??= []).Add(state);
    }

    private void OfferKeptUnsynchronized()
    {
        if (_ahead is not { } ahead)
            return;
        _ahead = null;
        foreach (var state in ahead)
        {
            if (!LacksWhatWasBeforeUnsynchronized(state))
                OfferUnsynchronized(state, isLive: true);
        }
    }

    private bool OfferUnsynchronized(State state, bool isLive)
    {
        var newestBefore = _standing.Stored;
        state.IsLive = isLive && state.Origin == StateOrigin.Stored;
        var hasChanged = _standing.Offer(state, _lease is { IsAlive: true }, isLive, hub.Time.GetUtcNow());
        var isNewer = !ReferenceEquals(newestBefore, _standing.Stored);
        if (isNewer)
        {
            QuietSince = hub.Time.GetTimestamp();
            var wasStalled = _lease?.StalledSince is not null;
            if (_standing.Stored!.Lease > TimeSpan.Zero)
                _lease ??= new(hub.Time);
            _lease?.Accept(_standing.Stored, isLive);
            if (wasStalled && _lease?.StalledSince is null)
                LookUnsynchronized();
        }

        if (hasChanged)
        {
            IsUnknown = false;
            for (var watch = _watches.First; watch is not null; watch = watch.InTopic.Next)
                watch.Offer(_standing.Current!);
        }

        return isNewer;
    }

    private void LookUnsynchronized()
    {
        for (var watch = _watches.First; watch is not null; watch = watch.InTopic.Next)
            watch.Look();
    }
}

using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>One reader's interest in one document, until it is disposed.</summary>
internal sealed class Watch(Topic topic, Mailbox mailbox, ProgressRevision? after) : IDisposable
{
    private const int MostFollowing = 15;

    private WatchLinks _inTopic;
    private WatchLinks _inMailbox;
    private ProgressRevision? _last = after;
    private State? _pending;
    private Queue<State>? _following;
    private bool _needsFull = true;
    private bool _mustLook;
    private bool _isQueued;
    private bool _isOver;

    public Topic Topic { get; } = topic;

    public Mailbox Mailbox { get; } = mailbox;

    /// <summary>The newest revision the reader has.</summary>
    public ProgressRevision? Last => _last;

    /// <summary>Whether the reader was told that the worker gives no sign of life; only the reader touches it.</summary>
    public bool IsSaidToBeStalled { get; set; }

    /// <summary>Its place among the readers of its document; needs the topic's lock.</summary>
    public ref WatchLinks InTopic => ref _inTopic;

    /// <summary>Its place among the documents of its reader; needs the mailbox's lock.</summary>
    public ref WatchLinks InMailbox => ref _inMailbox;

    /// <summary>The mailbox's list of watches that have something new; only the mailbox touches it.</summary>
    public Watch? NextPending { get; set; }

    /// <summary>
    /// The reader has the end of the document already. One that has something newer than the end that is known here, from a backend that
    /// got more or from before the store forgot, is not finished: the end of what it has is yet to come.
    /// </summary>
    public bool IsFinished
    {
        get
        {
            // Before the mailbox's lock: a topic offers while it holds its own.
            var current = Topic.Current;
            lock (Mailbox.Gate)
                return _pending is null && _last is { } last && current is { IsTerminal: true } && (current.Revision is null || current.Revision == last);
        }
    }

    /// <summary>
    /// Puts a state into the mailbox, over an older one that was not taken. Only foreign messages queue, up to a few: they are stored
    /// nowhere and carry no steps, so nothing would make up for one that is skipped.
    /// </summary>
    public void Offer(State state)
    {
        lock (Mailbox.Gate)
        {
            // What the host's source knows of unfinished work is older than what the reader has: it has no revision that would say so.
            if (_isOver || (state is { Origin: StateOrigin.Source, IsTerminal: false } && _last is not null))
                return;
            if (state.Revision is { } revision && _last is { } last && revision <= last)
            {
                // The reader has this end already, and learns only now that it is the end.
                if (!state.IsTerminal)
                    return;
                _mustLook = true;
            }
            else if (_pending is null)
            {
                // What lies between was lost on the way, perhaps with the beginning of a step, or never sent.
                _needsFull |= state.SkipsSteps || (state.Revision is { } next && _last is { } before && !next.Follows(before));
                state.Hold();
                _pending = state;
            }
            else if (state.Origin == StateOrigin.Foreign && _pending.Origin == StateOrigin.Foreign && (_following ??= new()).Count < MostFollowing)
            {
                _following.Enqueue(state);
            }
            else
            {
                _needsFull = true;
                state.Hold();
                _pending.Release();
                _pending = state;
                _following = null;
                Topic.CountConflationUnsynchronized();
            }

            QueueUnsynchronized();
        }

        Mailbox.Wake();
    }

    /// <summary>Makes the reader look at what is not a state.</summary>
    public void Look()
    {
        lock (Mailbox.Gate)
        {
            if (_isOver)
                return;
            _mustLook = true;
            QueueUnsynchronized();
        }

        Mailbox.Wake();
    }

    public bool TryTakeUnsynchronized(out Delivery delivery)
    {
        _isQueued = false;
        if (_isOver)
        {
            delivery = default;
            return false;
        }

        delivery = new(this, _pending, _needsFull, _mustLook);
        _mustLook = false;
        if (_pending is { } taken)
        {
            _needsFull = false;
            _last = taken.Revision ?? _last;
            _pending = _following?.TryDequeue(out var next) == true ? next : null;
            if (_pending is not null)
                QueueUnsynchronized();
        }

        return true;
    }

    /// <summary>Ends the reader's interest; what it has not taken is dropped.</summary>
    public void Dispose()
    {
        lock (Mailbox.Gate)
        {
            if (_isOver)
                return;
            _isOver = true;
            _pending?.Release();
            _pending = null;
            Mailbox.RemoveUnsynchronized(this);
        }

        Topic.Leave(this);
    }

    private void QueueUnsynchronized()
    {
        if (_isQueued)
            return;
        _isQueued = true;
        Mailbox.QueueUnsynchronized(this);
    }
}

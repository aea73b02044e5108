using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>A state on its way to one reader.</summary>
/// <param name="Watch">The reader's interest that it answers.</param>
/// <param name="State">The state.</param>
/// <param name="Full">Whether the reader needs the full form: it is the first, or one before it was skipped.</param>
internal readonly record struct Delivery(Watch Watch, State State, bool Full);

/// <summary>One reader's interest in one document.</summary>
internal sealed class Watch(Topic topic, Mailbox mailbox, ProgressRevision? after) : IDisposable
{
    private const int MostFollowing = 15;

    private ProgressRevision? _last = after;
    private State? _pending;
    private Queue<State>? _following;
    private bool _needsFull = true;

    public Topic Topic { get; } = topic;

    public Mailbox Mailbox { get; } = mailbox;

    /// <summary>The newest revision the reader has.</summary>
    public ProgressRevision? Last => _last;

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
            if (state.Revision is { } revision && _last is { } last && revision <= last)
            {
                // The reader has this end already, and learns only now that it is the end.
                if (state.IsTerminal)
                    Mailbox.Wake();
                return;
            }

            if (_pending is null)
            {
                // What lies between was lost on the way, perhaps with the beginning of a step, or never sent.
                _needsFull |= state.SkipsSteps || (state.Revision is { } next && _last is { } before && !next.Follows(before));
                _pending = state;
                Mailbox.AddUnsynchronized(this);
            }
            else if (state.Origin == StateOrigin.Foreign && _pending.Origin == StateOrigin.Foreign && (_following ??= new()).Count < MostFollowing)
            {
                _following.Enqueue(state);
            }
            else
            {
                _needsFull = true;
                _pending = state;
                _following = null;
            }
        }

        Mailbox.Wake();
    }

    public Delivery TakeUnsynchronized()
    {
        var delivery = new Delivery(this, _pending!, _needsFull);
        _needsFull = false;
        _last = delivery.State.Revision ?? _last;
        _pending = _following?.TryDequeue(out var next) == true ? next : null;
        if (_pending is not null)
            Mailbox.AddUnsynchronized(this);
        return delivery;
    }

    public void Dispose() => Topic.Leave(this);
}

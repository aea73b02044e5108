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
    private ProgressRevision? _last = after;
    private State? _pending;
    private bool _needsFull = true;

    public Topic Topic { get; } = topic;

    public Mailbox Mailbox { get; } = mailbox;

    /// <summary>The newest revision the reader has.</summary>
    public ProgressRevision? Last => _last;

    /// <summary>The reader has the end of the document already: nothing newer, and nothing unfinished, is known.</summary>
    public bool IsFinished
    {
        get
        {
            // Before the mailbox's lock: a topic offers while it holds its own.
            var current = Topic.Current;
            lock (Mailbox.Gate)
                return _pending is null && _last is { } last && current is { IsTerminal: true } && (current.Revision is null || current.Revision <= last);
        }
    }

    /// <summary>Puts a state into the mailbox, over an older one that was not taken.</summary>
    public void Offer(State state)
    {
        lock (Mailbox.Gate)
        {
            if (state.Revision is { } revision && _last is { } last && revision <= last)
                return;
            _needsFull |= _pending is not null;
            if (_pending is null)
                Mailbox.AddUnsynchronized(this);
            _pending = state;
        }

        Mailbox.Wake();
    }

    public Delivery TakeUnsynchronized()
    {
        var delivery = new Delivery(this, _pending!, _needsFull);
        (_pending, _needsFull) = (null, false);
        _last = delivery.State.Revision ?? _last;
        return delivery;
    }

    public void Dispose() => Topic.Leave(this);
}

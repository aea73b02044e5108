using LexIntel.Progress.Hub;
using LexIntel.Progress.Tracking;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>
/// What a reader of a document over HTTP has not taken yet: at most the newest state. Its stream and its polls offer what they hear;
/// the newest wins, whoever tells it, by the same rules as in a hub.
/// </summary>
internal sealed class Inbox(ProgressRevision? after)
{
    private const int MostFollowing = 16;

    private readonly Lock _gate = new();
    private readonly Signal _signal = new();
    private readonly Standing _standing = new();
    private readonly Queue<State> _pending = new();
    private ProgressRevision? _last = after;
    private bool _isFinished;
    private volatile bool _isClosed;

    /// <summary>The newest revision that was received.</summary>
    public ProgressRevision? Last
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>Whether the end of the document was received.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_gate)
                return _isFinished;
        }
    }

    /// <summary>Whether nobody will put anything in any more.</summary>
    public bool IsClosed => _isClosed;

    public ValueTask WaitAsync() => _signal.WaitAsync();

    public void Wake() => _signal.Set();

    /// <summary>Nobody will put anything in any more.</summary>
    public void Close()
    {
        _isClosed = true;
        _signal.Set();
    }

    /// <summary>The host says that there is nothing more to come.</summary>
    public void Finish()
    {
        lock (_gate)
            _isFinished = true;
    }

    public bool TryTake(out State state)
    {
        lock (_gate)
            return _pending.TryDequeue(out state!);
    }

    /// <param name="fields">A state, as the host tells it.</param>
    /// <param name="isRecord">Whether it comes from the host's database, not from whoever works on the document.</param>
    public void Offer(StateFields fields, bool isRecord)
    {
        lock (_gate)
        {
            // What is observed of the worker is told to those who ask for a snapshot, not in a sequence of states.
            fields.StalledSince = null;
            if (fields.Revision is { } revision && _last is { } last && revision <= last)
                _isFinished |= revision == last && fields.Status.IsTerminal;
            else if (AcceptUnsynchronized(fields, isRecord))
                PutUnsynchronized(_standing.Current!);
        }

        _signal.Set();
    }

    /// <summary>Whether the state is what counts now.</summary>
    private bool AcceptUnsynchronized(StateFields fields, bool isRecord)
    {
        var origin = fields switch
        {
            { Revision: not null } => StateOrigin.Stored,
            // An end that only the database knows is older than the last sign of life of a worker that died.
            { Status.IsTerminal: true } => StateOrigin.Source,
            _ => isRecord ? StateOrigin.Source : StateOrigin.Foreign,
        };
        if (origin == StateOrigin.Stored && fields.Steps is null)
            fields.Steps = StepsOf(fields, _standing.Stored);
        var state = new State(fields, origin);
        // A stream that begins anew tells once more what has no revision to be recognised by.
        if (origin == StateOrigin.Foreign && state.Snapshot == _standing.Current?.Snapshot)
            return false;
        _last = fields.Revision ?? _last;
        return _standing.Offer(state, isLeaseAlive: false, isLive: true, DateTimeOffset.MaxValue);
    }

    /// <summary>Only messages without revision queue, up to a few, as in a hub: nothing would make up for one that is skipped.</summary>
    private void PutUnsynchronized(State state)
    {
        if (state.Revision is not null || _pending.Count == MostFollowing || _pending.Any(waiting => waiting.Revision is not null))
            _pending.Clear();
        _pending.Enqueue(state);
        _isFinished |= state.IsTerminal;
    }

    /// <summary>A short update names its step only; the host sends the whole list when more than one has changed.</summary>
    private static IReadOnlyList<ProgressStep> StepsOf(in StateFields update, State? before)
    {
        if (before?.Snapshot is not { } known || known.Revision!.Value.Attempt != update.Revision!.Value.Attempt)
            return [];
        var steps = new StepList(known.Steps);
        if (update.Step.Length > 0 && update.Step != known.Step)
            steps.Start(update.Step, update.Timestamp);
        if (update.Status is ProgressStatus.Retrying)
            steps.End(ProgressStatus.Failed, update.Timestamp);
        else if (update.Status.IsTerminal)
            steps.End(update.Status, update.Timestamp);
        return steps.Steps;
    }
}

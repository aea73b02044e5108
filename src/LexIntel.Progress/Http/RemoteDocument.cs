using LexIntel.Progress.Hub;
using LexIntel.Progress.Tracking;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Http;

/// <summary>
/// One document or batch as a host tells it, by its stream and by polls: which state counts, by the same rules as in a hub, and what the reader has
/// not taken. Its inbox holds the lock.
/// </summary>
internal sealed class RemoteDocument(Subject subject, ProgressRevision? after, RemoteGroup group)
{
    private const int MostFollowing = 16;

    private readonly Standing _standing = new();
    private readonly Queue<State> _pending = new();

    public Subject Subject { get; } = subject;

    /// <summary>The documents that travel with it.</summary>
    public RemoteGroup Group { get; } = group;

    /// <summary>The newest revision that was received.</summary>
    public ProgressRevision? Last { get; private set; } = after;

    /// <summary>Whether nothing more will come of it.</summary>
    public bool IsOver { get; set; }

    /// <summary>Whether the host tells nothing of it on the present stream, for the moment.</summary>
    public bool IsPutOff { get; set; }

    /// <summary>Whether a token expired, and nothing was heard since.</summary>
    public bool NeedsFreshToken { get; set; }

    /// <summary>Takes a state that is newer than what is known. <see langword="true"/> when there was nothing to take before.</summary>
    /// <param name="fields">A state, as the host tells it.</param>
    /// <param name="isRecord">Whether it comes from the host's database, not from whoever works on the document.</param>
    /// <param name="isEnd">Whether it is the last, or the reader has the last already.</param>
    public bool Offer(StateFields fields, bool isRecord, out bool isEnd)
    {
        NeedsFreshToken = false;
        // What is observed of the worker is told to those who ask for a snapshot, not in a sequence of states.
        fields.StalledSince = null;
        if (fields.Revision is { } revision && Last is { } last && revision <= last)
        {
            isEnd = revision == last && fields.Status.IsTerminal;
            return false;
        }

        if (!Accept(fields, isRecord))
        {
            isEnd = false;
            return false;
        }

        var state = _standing.Current!;
        isEnd = state.IsTerminal;
        var wasEmpty = _pending.Count == 0;
        // Only messages without revision queue, up to a few, as in a hub: nothing would make up for one that is skipped.
        if (state.Revision is not null || _pending.Count == MostFollowing || _pending.Any(waiting => waiting.Revision is not null))
            _pending.Clear();
        _pending.Enqueue(state);
        return wasEmpty;
    }

    /// <summary>Takes the oldest state that waits. <see langword="true"/> when more do.</summary>
    public bool Take(out State state)
    {
        state = _pending.Dequeue();
        return _pending.Count > 0;
    }

    /// <summary>Whether the state is what counts now.</summary>
    private bool Accept(StateFields fields, bool isRecord)
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
        if (origin == StateOrigin.Foreign && _standing.Current is { } known && state.SaysTheSameAs(known))
            return false;
        Last = fields.Revision ?? Last;
        return _standing.Offer(state, isLeaseAlive: false, isLive: true, DateTimeOffset.MaxValue);
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

using System.Buffers;

namespace LexIntel.Progress.Wire;

/// <summary>Where a state came from; decides which of two states without comparable revisions wins.</summary>
internal enum StateOrigin
{
    /// <summary>Accepted by the store; has a revision.</summary>
    Stored,

    /// <summary>A plain message on the channel, never stored.</summary>
    Foreign,

    /// <summary>From the host's <see cref="IProgressSnapshotSource"/>.</summary>
    Source,
}

/// <summary>One state of a document, or the aggregate of a batch, as readers get it: read and checked once, rendered at most twice, shared by all readers. Immutable.</summary>
internal sealed class State(in StateFields fields, StateOrigin origin)
{
    private readonly StateFields _fields = fields;
    private ProgressSnapshot? _snapshot;
    private ProgressBatchSnapshot? _batchSnapshot;

    public StateOrigin Origin { get; } = origin;

    public Subject Subject => _fields.Subject;

    public ProgressRevision? Revision => _fields.Revision;

    public ProgressStatus Status => _fields.Status;

    public bool IsTerminal => _fields.Status.IsTerminal;

    public DateTimeOffset Timestamp => _fields.Timestamp;

    public string? TraceParent => _fields.TraceParent;

    public TimeSpan Lease => _fields.Lease;

    public TimeSpan Retention => _fields.Retention;

    /// <summary>Whether it says which steps there are; a short update does not.</summary>
    public bool IsFull => _fields.Steps is not null || _fields.Lease > TimeSpan.Zero;

    public ProgressSnapshot Snapshot => _snapshot ??= _fields.ToSnapshot();

    /// <summary>The same of a batch.</summary>
    public ProgressBatchSnapshot BatchSnapshot => _batchSnapshot ??= _fields.ToBatchSnapshot();

    /// <summary>
    /// Whether steps have come and gone since the state before, which this one tells only in its full form: the publisher sent nothing
    /// meanwhile. Set before the state is shared.
    /// </summary>
    public bool SkipsSteps { get; set; }

    /// <summary>Whether it came as a message, just now, so that its age tells how long the way took. Set before the state is shared.</summary>
    public bool IsLive { get; set; }

    /// <summary>What a stream made of the short form, kept here so that all readers share it.</summary>
    public byte[]? ShortFrame { get; set; }

    /// <summary>What a stream made of the full form.</summary>
    public byte[]? FullFrame { get; set; }

    public bool SaysTheSameAs(State other) => Subject.IsBatch ? BatchSnapshot == other.BatchSnapshot : Snapshot == other.Snapshot;

    /// <summary>Whether a step lies between the last step of the state before and the last of this one.</summary>
    public bool HasStepsAfter(State before)
    {
        if (_fields.Steps is not [.., var beforeLast, var last])
            return false;
        var known = before._fields.Steps is [.., var step] ? step : null;
        return !IsSame(last, known) && !IsSame(beforeLast, known);

        static bool IsSame(ProgressStep step, ProgressStep? other) => step.Name == other?.Name && step.Started == other.Started;
    }

    /// <summary>A short update of the same attempt says nothing about steps and lease: they are as before.</summary>
    public State WithStepsOf(State before)
    {
        var fields = _fields;
        fields.Steps = before._fields.Steps;
        fields.TraceParent ??= before._fields.TraceParent;
        if (!IsTerminal && Status == before.Status)
            (fields.Lease, fields.Retention) = (before.Lease, before.Retention);
        return new State(fields, Origin) { IsLive = IsLive };
    }

    /// <summary>
    /// Documents never leave a batch: an aggregate of fewer than before comes from a store that has forgotten some. Until their publishers
    /// have offered them again they are shown as pending, and the batch is not finished.
    /// </summary>
    public State WithTotalOf(State before)
    {
        var (counts, total) = (_fields.Counts!, before._fields.Counts!.Total);
        if (counts.Total >= total)
            return this;
        var fields = _fields;
        fields.Counts = counts with { Total = total, Pending = counts.Pending + total - counts.Total };
        fields.Percent *= (double)counts.Total / total;
        (fields.Status, fields.Remaining) = (ProgressStatus.Processing, null);
        return new State(fields, Origin) { IsLive = IsLive };
    }

    /// <summary>A foreign message may leave out step and percentage, typically when it reports a failure: they are as before.</summary>
    public State WithMissingOf(State before)
    {
        if (!_fields.LacksPercent && !_fields.LacksStep)
            return this;
        var fields = _fields;
        if (fields.LacksPercent)
            fields.Percent = before._fields.Percent;
        if (fields.LacksStep)
            fields.Step = before._fields.Step;
        return new State(fields, Origin);
    }

    public void Write(IBufferWriter<byte> output, bool full, DateTimeOffset? stalledSince = null)
    {
        if (_fields.Counts is not null)
        {
            BatchWriter.Write(output, _fields);
            return;
        }

        if (stalledSince is null)
        {
            StateWriter.Write(output, _fields, full);
            return;
        }

        var fields = _fields;
        fields.StalledSince = stalledSince;
        StateWriter.Write(output, fields, full);
    }
}

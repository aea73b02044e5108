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

/// <summary>
/// One state of a document, or the aggregate of a batch, as readers get it: read and checked once, completed from the state before, rendered at
/// most twice, shared by all readers. Immutable from the moment it is shared until nobody holds it any more: those that come as live updates, by the
/// thousand each second, are then used again (<see cref="StatePool"/>).
/// </summary>
internal sealed class State
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _cached;

    // The short form as it came, if that is how it is written. Its texts are read only when somebody wants them: streams pass the bytes on.
    private ReadOnlyMemory<byte> _json;
    private StateFields _fields;
    private byte[]? _buffer;
    private int _holders;
    private volatile bool _isPooled;
    private byte[]? _short;
    private byte[]? _full;
    private object? _snapshot;

    public State(in StateFields fields, StateOrigin origin) => (_fields, Origin) = (fields, origin);

    /// <summary>A stored state as <see cref="ShortReader"/> reads it.</summary>
    public State(in StateFields fields, ReadOnlyMemory<byte> json)
        : this(fields, StateOrigin.Stored) => _json = json;

    /// <summary>For <see cref="StatePool"/>.</summary>
    public State() => Origin = StateOrigin.Stored;

    public StateOrigin Origin { get; }

    public Subject Subject => _fields.Subject;

    public ProgressRevision? Revision => _fields.Revision;

    public ProgressStatus Status => _fields.Status;

    public bool IsTerminal => _fields.Status.IsTerminal;

    public DateTimeOffset Timestamp => _fields.Timestamp;

    public string? TraceParent => _fields.TraceParent;

    public string? BatchId => _fields.BatchId;

    public TimeSpan Lease => _fields.Lease;

    public TimeSpan Retention => _fields.Retention;

    /// <summary>Whether it says which steps there are; a short update does not.</summary>
    public bool IsFull => _fields.Steps is not null || _fields.Lease > TimeSpan.Zero;

    public ProgressSnapshot Snapshot => (ProgressSnapshot)(_snapshot ??= Fields.ToSnapshot());

    /// <summary>The same of a batch.</summary>
    public ProgressBatchSnapshot BatchSnapshot => (ProgressBatchSnapshot)(_snapshot ??= _fields.ToBatchSnapshot());

    /// <summary>
    /// Whether steps have come and gone since the state before, which this one tells only in its full form: the publisher sent nothing
    /// meanwhile. Set before the state is shared.
    /// </summary>
    public bool SkipsSteps { get; set; }

    /// <summary>Whether it came as a message, just now, so that its age tells how long the way took. Set before the state is shared.</summary>
    public bool IsLive { get; set; }

    private StateFields Fields
    {
        get
        {
            if (_json.IsEmpty)
                return _fields;
            StateReader.Read(_json.Span, _fields.DocumentId, StateReader.NoClock, out var read);
            var fields = _fields;
            (fields.Step, fields.Message, fields.ErrorMessage) = (read.Step, read.Message, read.ErrorMessage);
            return fields;
        }
    }

    /// <summary>Becomes another state, held by the caller. Its bytes are copied: whoever brought them may keep theirs.</summary>
    public void Become(in StateFields fields, ReadOnlySpan<byte> json)
    {
        if (_buffer is null || _buffer.Length < json.Length)
            _buffer = new byte[(json.Length + 63) / 64 * 64];
        json.CopyTo(_buffer);
        (_fields, _json) = (fields, _buffer.AsMemory(0, json.Length));
        (_short, _full, _snapshot) = (null, null, null);
        (SkipsSteps, IsLive) = (false, false);
        (_holders, _isPooled) = (1, true);
    }

    /// <summary>One more needs it. Only for who knows that somebody else holds it at this moment.</summary>
    public void Hold()
    {
        if (_isPooled)
            Interlocked.Increment(ref _holders);
    }

    /// <summary>A holder needs it no more, and must not look at it or its bytes again. One that never says so costs a state for the collector, and no harm.</summary>
    public void Release()
    {
        if (_isPooled && Interlocked.Decrement(ref _holders) == 0)
            StatePool.Return(this);
    }

    /// <summary>Lets it live for as long as anybody has a reference, for who cannot say when that ends. Only while somebody holds it who does not let go meanwhile.</summary>
    public State Keep()
    {
        _isPooled = false;
        return this;
    }

    /// <summary>The state as clients get it; made once, and shared by all readers.</summary>
    /// <param name="full">With the steps.</param>
    public ReadOnlyMemory<byte> Json(bool full)
    {
        if (full && (_fields.Steps is { Count: > 0 } || _fields.StalledSince is not null))
            return _full ??= Render(full: true);
        return _json.IsEmpty ? _short ??= Render(full: false) : _json;
    }

    public bool SaysTheSameAs(State other) => Subject.IsBatch
        ? BatchSnapshot == other.BatchSnapshot
        // Lists are the same only when they are one.
        : Snapshot with { Steps = other.Snapshot.Steps } == other.Snapshot && Snapshot.Steps.SequenceEqual(other.Snapshot.Steps);

    /// <summary>Whether a step lies between the last step of the state before and the last of this one.</summary>
    public bool HasStepsAfter(State before)
    {
        if (_fields.Steps is not [.., var beforeLast, var last])
            return false;
        var known = before._fields.Steps is [.., var step] ? step : null;
        return !IsSame(last, known) && !IsSame(beforeLast, known);

        static bool IsSame(ProgressStep step, ProgressStep? other) => step.Name == other?.Name && step.Started == other.Started;
    }

    /// <summary>A short update of the same attempt says nothing about steps and lease: they are as before. Only before the state is shared.</summary>
    public void TakeStepsOf(State before)
    {
        _fields.Steps = before._fields.Steps;
        _fields.TraceParent ??= before._fields.TraceParent;
        if (!IsTerminal && Status == before.Status)
            (_fields.Lease, _fields.Retention) = (before.Lease, before.Retention);
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
            fields.Step = before.Fields.Step;
        return new State(fields, Origin);
    }

    /// <summary>Writes it in full form.</summary>
    public void Write(IBufferWriter<byte> output, DateTimeOffset? stalledSince)
    {
        if (stalledSince is null)
        {
            output.Write(Json(full: true).Span);
            return;
        }

        var fields = Fields;
        fields.StalledSince = stalledSince;
        StateWriter.Write(output, fields, full: true);
    }

    private byte[] Render(bool full)
    {
        var output = _cached ??= new(1024);
        output.ResetWrittenCount();
        if (_fields.Counts is not null)
            BatchWriter.Write(output, _fields);
        else
            StateWriter.Write(output, Fields, full);
        return output.WrittenSpan.ToArray();
    }
}

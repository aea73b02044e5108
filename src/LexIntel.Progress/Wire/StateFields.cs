namespace LexIntel.Progress.Wire;

/// <summary>The fields of one state while it is read or written. A struct, so that a worker's update costs no object.</summary>
internal struct StateFields
{
    public string DocumentId;
    public ProgressRevision? Revision;
    public int Run;
    public ProgressStatus Status;
    public string Step;
    public double Percent;
    public string Message;
    public DateTimeOffset Timestamp;
    public string? ErrorMessage;
    public TimeSpan? Remaining;
    public string? BatchId;

    /// <summary>The document's weight in its batch. Not written: batches hold it.</summary>
    public double BatchWeight;

    /// <summary>Of a batch's aggregate, whose <see cref="DocumentId"/> is the batch's: how many documents stand where.</summary>
    public BatchCounts? Counts;

    public IReadOnlyList<ProgressStep>? Steps;
    public DateTimeOffset? StalledSince;

    /// <summary>Whether a message that was read said nothing of the percentage.</summary>
    public bool LacksPercent;

    /// <summary>Whether a message that was read said nothing of the step.</summary>
    public bool LacksStep;

    /// <summary>How long the job's lease is; zero when no job holds one.</summary>
    public TimeSpan Lease;

    /// <summary>What the lease's renewal sets the life of the stored state to; says how old the lease is.</summary>
    public TimeSpan Retention;

    /// <summary>Whose state it is, for traces (W3C Trace Context); stored, and never shown to clients.</summary>
    public string? TraceParent;

    public readonly Subject Subject => new(DocumentId, IsBatch: Counts is not null);

    /// <summary>Properties we do not know, verbatim: <c>"name":value,"name":value</c>.</summary>
    public ReadOnlyMemory<byte> Extras;

    public static StateFields From(ProgressSnapshot snapshot) => new()
    {
        DocumentId = snapshot.DocumentId,
        Revision = snapshot.Revision,
        Run = snapshot.Run,
        Status = snapshot.Status,
        Step = snapshot.Step,
        Percent = snapshot.Percent,
        Message = snapshot.Message,
        Timestamp = snapshot.Timestamp,
        ErrorMessage = snapshot.ErrorMessage,
        Remaining = snapshot.Remaining,
        BatchId = snapshot.BatchId,
        Steps = snapshot.Steps,
        StalledSince = snapshot.StalledSince,
    };

    /// <summary>The aggregate as the host's source knows it.</summary>
    public static StateFields From(ProgressBatchSnapshot snapshot) => new()
    {
        DocumentId = snapshot.BatchId,
        Status = snapshot.IsFinished ? ProgressStatus.Completed : ProgressStatus.Processing,
        Step = "",
        Percent = snapshot.Percent,
        Message = "",
        Timestamp = snapshot.Timestamp,
        Remaining = snapshot.Remaining,
        Steps = [],
        Counts = new(snapshot.Total, snapshot.Pending, snapshot.Processing, snapshot.Completed, snapshot.Failed, snapshot.Cancelled),
    };

    public readonly ProgressBatchSnapshot ToBatchSnapshot() => new()
    {
        BatchId = DocumentId,
        Revision = Revision,
        Total = Counts!.Total,
        Pending = Counts.Pending,
        Processing = Counts.Processing,
        Completed = Counts.Completed,
        Failed = Counts.Failed,
        Cancelled = Counts.Cancelled,
        Percent = Percent,
        Remaining = Remaining,
        Timestamp = Timestamp,
    };

    public readonly ProgressSnapshot ToSnapshot() => new()
    {
        DocumentId = DocumentId,
        Revision = Revision,
        Run = Math.Max(Run, 1),
        Status = Status,
        Step = Step,
        Percent = Percent,
        Message = Message,
        Timestamp = Timestamp,
        ErrorMessage = ErrorMessage,
        Remaining = Remaining,
        BatchId = BatchId,
        Steps = Steps ?? [],
        StalledSince = StalledSince,
    };
}

namespace LexIntel.Progress;

/// <summary>How one job is tracked.</summary>
public sealed class TrackOptions
{
    /// <summary>
    /// The attempt to go on with, as returned by <see cref="ProgressJob.HandOver"/> in the job before, perhaps in another process.
    /// <see langword="null"/> (default): the job begins a new attempt and fences out every older one. Its plan is used unless another is given.
    /// </summary>
    public ProgressAttempt? Continue { get; init; }

    /// <summary>
    /// Whether the queue will run the work again after this exception: the document is then <see cref="ProgressStatus.Retrying"/> and
    /// open streams wait for the next attempt, instead of <see cref="ProgressStatus.Failed"/>. <see langword="null"/> (default): no. If it throws, that counts as no.
    /// </summary>
    public Func<Exception, bool>? WillRetry { get; init; }

    /// <summary>
    /// What users read when the work throws. <see langword="null"/> (default): one general sentence, because the text of an exception may
    /// hold paths, names and data of others. May return <see langword="null"/> for the general sentence. If it throws, the general sentence is used.
    /// </summary>
    public Func<Exception, string?>? DescribeError { get; init; }

    /// <summary>
    /// The batch the document belongs to; the same rules as for the document's id. Default: none, or that of the attempt in <see cref="Continue"/>.
    /// </summary>
    public string? BatchId { get; init; }

    /// <summary>How much the document counts in the percentage of its batch, compared with the batch's other documents; for instance its pages.</summary>
    /// <value>From 0.001 to 10,000. Default: 1. Without effect when <see cref="BatchId"/> is not set.</value>
    public double BatchWeight { get; init; } = 1;
}

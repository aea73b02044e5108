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
    /// open streams wait for the next attempt, instead of <see cref="ProgressStatus.Failed"/>. <see langword="null"/> (default): no.
    /// </summary>
    public Func<Exception, bool>? WillRetry { get; init; }

    /// <summary>
    /// What users read when the work throws. <see langword="null"/> (default): one general sentence, because the text of an exception may
    /// hold paths, names and data of others. May return <see langword="null"/> for the general sentence. If it throws, the general sentence is used.
    /// </summary>
    public Func<Exception, string?>? DescribeError { get; init; }

    /// <summary>The batch the document belongs to. Default: none.</summary>
    public string? BatchId { get; init; }
}

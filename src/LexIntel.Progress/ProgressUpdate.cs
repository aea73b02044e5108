namespace LexIntel.Progress;

/// <summary>
/// What a worker reports with <see cref="IProgressPublisher.PublishAsync"/>: the whole present state of one document. Work that runs
/// in one method is better served by <see cref="IProgressPublisher.TrackAsync(string, ProgressPlan?, Func{ProgressJob, CancellationToken, Task}, TrackOptions?, CancellationToken)"/>,
/// which computes percentages and ends, and protects against older attempts.
/// </summary>
public sealed record ProgressUpdate
{
    /// <summary>Makes an update.</summary>
    public ProgressUpdate()
    {
    }

    /// <summary>Makes an update of a document that is being processed.</summary>
    /// <param name="documentId">The document; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="step">The step the work is in; empty if none.</param>
    /// <param name="percent">How far the whole document is, 0-100.</param>
    /// <param name="message">What a person should read; empty if none.</param>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public ProgressUpdate(string documentId, string step, double percent, string message = "") =>
        (DocumentId, Step, Percent, Message) = (documentId, step, percent, message);

    /// <summary>The document; an opaque id of 1-256 bytes of UTF-8, without control characters, not <c>.</c> or <c>..</c>.</summary>
    public required string DocumentId { get; init; }

    /// <summary>Where the document stands. Default: <see cref="ProgressStatus.Processing"/>.</summary>
    public ProgressStatus Status { get; init; } = ProgressStatus.Processing;

    /// <summary>The step the work is in. Default: empty. Cut at 128 characters.</summary>
    public string Step { get; init; } = "";

    /// <summary>How far the whole document is, 0-100; stored with one decimal, at most 99.9 while the status is not terminal. Default: 0.</summary>
    public double Percent { get; init; }

    /// <summary>What a person should read. Default: empty. Cut at 1,000 characters.</summary>
    public string Message { get; init; } = "";

    /// <summary>When this was so. <see langword="null"/> (default): when it is handed to the publisher.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Why it failed, in words for a person; never put the text of an exception here unread. Default: none. Cut at 1,000 characters.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>How long it may still take. <see langword="null"/> (default): not known. Negative counts as zero.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>
    /// The batch the document belongs to; the same rules as for <see cref="DocumentId"/>. Default: none. Say it in every update: one without it
    /// does not move the batch.
    /// </summary>
    public string? BatchId { get; init; }

    /// <summary>How much the document counts in the percentage of its batch, compared with the batch's other documents; for instance its pages.</summary>
    /// <value>From 0.001 to 10,000. Default: 1. Without effect when <see cref="BatchId"/> is not set.</value>
    public double BatchWeight { get; init; } = 1;

    /// <summary>
    /// Begins a new attempt: allowed after a terminal state, and fences out jobs of older ones. Default: <see langword="false"/>, the
    /// update belongs to the present attempt, whoever began it, and is refused when that has ended (unless the update is terminal itself).
    /// </summary>
    public bool NewAttempt { get; init; }
}

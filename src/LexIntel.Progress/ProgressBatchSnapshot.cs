namespace LexIntel.Progress;

/// <summary>How a batch of documents stands. Immutable; any thread may read it.</summary>
public sealed record ProgressBatchSnapshot
{
    /// <summary>The batch; an opaque id of 1-256 bytes of UTF-8.</summary>
    public required string BatchId { get; init; }

    /// <summary>The place of this aggregate in the batch's history. <see langword="null"/> when it comes from an <see cref="IProgressSnapshotSource"/>.</summary>
    public ProgressRevision? Revision { get; init; }

    /// <summary>How many documents the batch has: as many as are expected or known, whichever is more. It may grow, and never shrinks.</summary>
    public int Total { get; init; }

    /// <summary>Documents that nobody has begun.</summary>
    public int Pending { get; init; }

    /// <summary>Documents that are being worked on, or will be again after a failed attempt.</summary>
    public int Processing { get; init; }

    /// <summary>Documents that are done.</summary>
    public int Completed { get; init; }

    /// <summary>Documents that were given up.</summary>
    public int Failed { get; init; }

    /// <summary>Documents that were stopped on request.</summary>
    public int Cancelled { get; init; }

    /// <summary>How far the batch is, 0-100, each document by its weight; a document that has ended counts whole, however it ended. At most 99.9 until <see cref="IsFinished"/>.</summary>
    public double Percent { get; init; }

    /// <summary>How long it may still take, at the speed so far; <see langword="null"/> when that cannot be estimated yet.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>When this was so; UTC, by the clock of the worker that reported last.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Whether all documents have ended, and there is at least one. A batch whose total nobody declared may grow again.</summary>
    public bool IsFinished => Total > 0 && Completed + Failed + Cancelled == Total;
}

namespace LexIntel.Progress;

/// <summary>A batch as it is declared with <see cref="IProgressPublisher.DeclareBatchAsync"/>, before or while its documents are worked on.</summary>
public sealed record ProgressBatch
{
    /// <summary>Makes a declaration.</summary>
    public ProgressBatch()
    {
    }

    /// <summary>Makes a declaration.</summary>
    /// <param name="batchId">The batch; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="expectedTotal">How many documents it will have; <see langword="null"/> when that is not known.</param>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public ProgressBatch(string batchId, int? expectedTotal = null) => (BatchId, ExpectedTotal) = (batchId, expectedTotal);

    /// <summary>The batch; an opaque id of 1-256 bytes of UTF-8, without control characters, not <c>.</c> or <c>..</c>.</summary>
    public required string BatchId { get; init; }

    /// <summary>How many documents it will have, so that those nobody has begun count as pending and the batch is not finished before all have ended.</summary>
    /// <value>From 1 to 100,000. Default: <see langword="null"/>, not known: the batch is finished whenever all documents known so far have ended.</value>
    /// <remarks>Of several declarations the highest counts. If more documents turn up, the batch has grown.</remarks>
    public int? ExpectedTotal { get; init; }
}

namespace LexIntel.Progress;

/// <summary>Reads progress. One per process, from the service container; every member may be called from any thread.</summary>
public interface IProgressSubscriber
{
    /// <summary>Reads the newest known state once.</summary>
    /// <param name="documentId">The document; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state, or <see langword="null"/> when nobody has reported anything.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules.</exception>
    /// <exception cref="ProgressUnavailableException">The backplane cannot be read, and no snapshot source answered.</exception>
    /// <exception cref="ProgressRefusedException">Over HTTP only: the host refused (400, 401, 403, 404).</exception>
    ValueTask<ProgressSnapshot?> GetSnapshotAsync(string documentId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Watches a document: the newest known state first, then each newer one, until after the terminal state. A reader that is slower
    /// than the worker skips to the newest state and delays nobody. While the backplane is away the sequence waits; it does not fail. Nor does it say that
    /// the worker has died: <see cref="GetSnapshotAsync"/> does.
    /// </summary>
    /// <param name="documentId">The document; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="after">The newest state the caller already has: only newer ones are returned. <see langword="null"/>: all.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>States with rising revisions. If nobody has reported anything yet, it waits for the first report.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules; thrown by the call itself.</exception>
    IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Watches many documents at once, at the cost of one reader: the newest known state of each first, then each newer one, until after the
    /// terminal states of all. The terminal state of a document is its last; to see a later attempt, subscribe again.
    /// </summary>
    /// <param name="documentIds">The documents; an id that is named twice counts once. With none the sequence is empty.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>States, of each document with rising revisions; between documents there is no order.</returns>
    /// <exception cref="ArgumentException">An id breaks its rules; thrown by the call itself.</exception>
    IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default);

    /// <summary>Reads once how a batch stands.</summary>
    /// <param name="batchId">The batch; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The aggregate, or <see langword="null"/> when nobody has declared the batch or reported a document of it.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules.</exception>
    /// <exception cref="ProgressUnavailableException">The backplane cannot be read, and no snapshot source answered.</exception>
    /// <exception cref="ProgressRefusedException">Over HTTP only: the host refused (400, 401, 403, 404).</exception>
    ValueTask<ProgressBatchSnapshot?> GetBatchAsync(string batchId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Watches a batch: the newest known aggregate first, then each newer one, until after the one that says that it is finished. The
    /// counts are exact at the end; between, a reader that is slower than the workers skips to the newest. While the backplane is away the
    /// sequence waits; it does not fail.
    /// </summary>
    /// <param name="batchId">The batch; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="after">The newest aggregate the caller already has: only newer ones are returned. <see langword="null"/>: all.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Aggregates with rising revisions. If nothing is known of the batch yet, it waits for the first document or declaration.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules; thrown by the call itself.</exception>
    IAsyncEnumerable<ProgressBatchSnapshot> SubscribeBatchAsync(
        string batchId, ProgressRevision? after = null, CancellationToken cancellationToken = default);
}

namespace LexIntel.Progress;

/// <summary>
/// Publishes progress. One per process, from the service container; every member may be called from any thread. Nothing here waits for
/// the backplane or fails because of it: what cannot be sent now waits in the outbox, the newest state of each document, and is sent later.
/// </summary>
public interface IProgressPublisher
{
    /// <summary>
    /// Accepts the whole present state of a document. It is sent at once after a pause, else within
    /// <see cref="ProgressOptions.PublishInterval"/>, when it replaces what was not sent yet; new steps and terminal states are sent at once.
    /// This process remembers the steps of a document that has not ended for a day after its last update, or until the outbox needs the
    /// room; after that its list of steps begins anew.
    /// </summary>
    /// <param name="update">The state.</param>
    /// <param name="cancellationToken">Checked before the update is accepted; it has no effect afterwards.</param>
    /// <returns>
    /// A task that is complete when the update is accepted, which is not yet stored. It never waits. An outbox that is full drops it, or something that is no end in
    /// the place of an end, counts and logs that, and throws nothing.
    /// </returns>
    /// <exception cref="ArgumentNullException">The update, its step or its message is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The id breaks its rules.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The percentage is not a number from 0 to 100, the status is unknown, or the weight is not from 0.001 to 10,000.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    ValueTask PublishAsync(ProgressUpdate update, CancellationToken cancellationToken = default);

    /// <summary>
    /// Declares a batch, so that it is known before the first of its documents is, and how many documents it will have. Not needed for a
    /// batch whose total is not known: documents join a batch by naming it. May be called again, by any process, also while the batch runs.
    /// </summary>
    /// <param name="batch">The declaration.</param>
    /// <param name="cancellationToken">Checked before the declaration is accepted; it has no effect afterwards.</param>
    /// <returns>A task that is complete when the declaration is accepted, which is not yet stored. It never waits.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The expected total is not from 1 to 100,000.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    ValueTask DeclareBatchAsync(ProgressBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Waits until nothing waits any more of what was accepted before the call.</summary>
    /// <param name="limit">How long to wait at most; zero does not wait, <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// <see langword="true"/> when all is stored, save what the store refused (a newer attempt has begun, or the document has ended) or cannot take, and what a full
    /// outbox dropped, which are counted and logged. <see langword="false"/> when the limit came first, which loses nothing, or when the publisher
    /// was disposed before. After disposal it answers at once.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative and not infinite.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    Task<bool> FlushAsync(TimeSpan limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Begins to track a job whose end is not the end of one method. Call <see cref="ProgressJob.Complete"/> at its end; disposed before
    /// that, the document is failed, or retrying if <see cref="TrackOptions.WillRetry"/> says so or the host is stopping.
    /// </summary>
    /// <param name="documentId">The document; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="plan">The steps and their weights. <see langword="null"/>: reported fractions are fractions of the whole document.</param>
    /// <param name="options">How to track; <see langword="null"/> for the defaults.</param>
    /// <returns>The job. Dispose it.</returns>
    /// <exception cref="ArgumentException">The id breaks its rules, or <see cref="TrackOptions.Continue"/> is of another document.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TrackOptions.BatchWeight"/> is not from 0.001 to 10,000.</exception>
    /// <exception cref="ObjectDisposedException">The publisher was disposed.</exception>
    ProgressJob Start(string documentId, ProgressPlan? plan = null, TrackOptions? options = null);

    /// <summary>
    /// Runs the work and publishes how it goes and how it ends: completed when it returns, failed or retrying when it throws, cancelled
    /// when <paramref name="cancellationToken"/> was. It does not wait until the end is stored.
    /// </summary>
    /// <param name="documentId">The document; 1-256 bytes of UTF-8, without control characters.</param>
    /// <param name="plan">The steps and their weights. <see langword="null"/>: reported fractions are fractions of the whole document.</param>
    /// <param name="work">The work. Its token is <paramref name="cancellationToken"/>, nothing else.</param>
    /// <param name="options">How to track; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="ArgumentException">As for <see cref="Start"/>.</exception>
    /// <exception cref="Exception">Whatever the work throws, unchanged.</exception>
    Task TrackAsync(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <inheritdoc cref="TrackAsync(string, ProgressPlan?, Func{ProgressJob, CancellationToken, Task}, TrackOptions?, CancellationToken)"/>
    /// <returns>What the work returns.</returns>
    Task<T> TrackAsync<T>(
        string documentId, ProgressPlan? plan, Func<ProgressJob, CancellationToken, Task<T>> work, TrackOptions? options = null,
        CancellationToken cancellationToken = default);
}

using System.Runtime.CompilerServices;
using LexIntel.Progress.Tracking;

namespace LexIntel.Progress;

/// <summary>
/// One job's work on a document: the worker tells it steps, fractions and messages, and it publishes one percentage that never falls,
/// the time that remains and the list of steps. Every member may be called from any thread; none waits, and after the end of the job
/// all are without effect but <see cref="HandOver"/>, which has nothing to hand over any more unless a newer attempt ended it. From <see cref="IProgressPublisher.TrackAsync(string, ProgressPlan?, Func{ProgressJob, CancellationToken, Task}, TrackOptions?, CancellationToken)"/>
/// or <see cref="IProgressPublisher.Start"/>.
/// </summary>
public sealed class ProgressJob : IProgress<double>, IAsyncDisposable
{
    private readonly JobTracker _tracker;

    internal ProgressJob(JobTracker tracker) => _tracker = tracker;

    /// <summary>The document.</summary>
    public string DocumentId => _tracker.DocumentId;

    /// <summary>How far the whole document is, 0-100.</summary>
    public double Percent => _tracker.Percent;

    /// <summary>
    /// Fires when a newer attempt has begun elsewhere, for instance because the queue gave the document to another worker. Nothing this
    /// job reports is shown any more, so it may stop. The token of the work is not cancelled, because a queue would take that for a
    /// failure and start yet another attempt.
    /// </summary>
    public CancellationToken Superseded => _tracker.Superseded;

    /// <summary>Begins a step. It is published at once. Starting the step that runs already only changes the message.</summary>
    /// <param name="name">A step of the plan; one that is not in the plan is shown but does not move the bar. Cut at 128 characters.</param>
    /// <param name="message">What a person should read. <see langword="null"/>: nothing. Cut at 1,000 characters.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public void StartStep(string name, string? message = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _tracker.StartStep(name, message ?? "");
    }

    /// <summary>Moves the bar inside the step that runs, or inside the whole document when there is no plan.</summary>
    /// <param name="value">
    /// The fraction that is done, 0 to 1. Values below what was reported before leave the bar where it is, values outside the range
    /// count as its ends, and NaN is ignored: reporting progress never fails the work.
    /// </param>
    public void Report(double value) => _tracker.Report(value);

    /// <summary>Moves the bar as <see cref="Report(double)"/> does, and says what is being done.</summary>
    /// <param name="value">The fraction that is done, 0 to 1.</param>
    /// <param name="message">What a person should read. Cut at 1,000 characters.</param>
    /// <exception cref="ArgumentNullException">The message is <see langword="null"/>.</exception>
    public void Report(double value, string message) => _tracker.Report(value, message);

    /// <summary>Says what is being done without moving the bar.</summary>
    /// <param name="message">What a person should read. Cut at 1,000 characters.</param>
    /// <exception cref="ArgumentNullException">The message is <see langword="null"/>.</exception>
    public void SetMessage(string message) => _tracker.SetMessage(message);

    /// <summary>Goes through the items and moves the bar by one part for each item that the loop is finished with.</summary>
    /// <param name="items">The items of the step that runs.</param>
    /// <param name="count">How many there are; needed only when <paramref name="items"/> cannot tell.</param>
    /// <exception cref="ArgumentException">The number of items is not known, or negative.</exception>
    public IEnumerable<T> Each<T>(IEnumerable<T> items, int? count = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (count is null && !items.TryGetNonEnumeratedCount(out _))
            throw new ArgumentException("How many items there are is not known without going through them. Pass the count.", nameof(items));
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(count), count, "The count of items cannot be negative.");

        return Iterate(items, count ?? (items.TryGetNonEnumeratedCount(out var known) ? known : 0));
    }

    /// <summary>Goes through the items as they come and moves the bar by one part for each item that the loop is finished with.</summary>
    /// <param name="items">The items of the step that runs.</param>
    /// <param name="count">How many there will be.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IAsyncEnumerable<T> Each<T>(IAsyncEnumerable<T> items, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return IterateAsync(items, count, cancellationToken);
    }

    /// <summary>Ends the job: the document is completed, at 100 %.</summary>
    /// <param name="message">What a person should read. <see langword="null"/>: nothing.</param>
    public void Complete(string? message = null) => _tracker.End(ProgressStatus.Completed, message ?? "", error: null);

    /// <summary>Ends the job: the document has failed; the bar stays where it is.</summary>
    /// <param name="errorMessage">What users read. Cut at 1,000 characters.</param>
    public void Fail(string errorMessage) => _tracker.End(ProgressStatus.Failed, message: null, errorMessage);

    /// <summary>Ends the job: this attempt failed, and the queue will run the work again.</summary>
    /// <param name="errorMessage">What users read until the next attempt begins. Cut at 1,000 characters.</param>
    public void Retry(string errorMessage) => _tracker.End(ProgressStatus.Retrying, message: null, errorMessage);

    /// <summary>Ends the job: the work was cancelled on request.</summary>
    /// <param name="message">What a person should read. <see langword="null"/>: nothing.</param>
    public void Cancel(string? message = null) => _tracker.End(ProgressStatus.Cancelled, message ?? "", error: null);

    /// <summary>
    /// Ends the job without ending the attempt: another job, perhaps in another process, goes on with the same plan and bar when it is
    /// started with <see cref="TrackOptions.Continue"/>. Until then the document stays as it is and is never called stalled.
    /// </summary>
    /// <returns>What the next job needs. Put its text form into the queue's message.</returns>
    /// <remarks>
    /// It does not throw when the job was superseded, for the reason that <see cref="Superseded"/> gives: what it returns then continues an
    /// attempt that nobody sees any more, and the job that goes on with it is superseded in turn.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The job has ended already, other than by being superseded.</exception>
    public ProgressAttempt HandOver() => _tracker.HandOver();

    /// <summary>
    /// Ends the job if nothing else did: retrying when the host is stopping or <see cref="TrackOptions.WillRetry"/> says so, else failed.
    /// It does not wait until that is stored; see <see cref="IProgressPublisher.FlushAsync"/>.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        _tracker.Abandon();
        return ValueTask.CompletedTask;
    }

    internal void EndWith(Exception exception) => _tracker.EndWith(exception);

    private IEnumerable<T> Iterate<T>(IEnumerable<T> items, int count)
    {
        var done = 0;
        foreach (var item in items)
        {
            yield return item;
            Report(++done / (double)Math.Max(count, 1));
        }

        Report(1);
    }

    private async IAsyncEnumerable<T> IterateAsync<T>(IAsyncEnumerable<T> items, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var done = 0;
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return item;
            Report(++done / (double)Math.Max(count, 1));
        }

        Report(1);
    }
}

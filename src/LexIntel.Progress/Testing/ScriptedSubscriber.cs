using System.Runtime.CompilerServices;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Testing;

/// <summary>
/// Reads the states that a test gives it, each of them, in their order, and nothing else: for code that reads progress. A sequence ends after an end;
/// when the states are used up before, it waits until it is cancelled, as for a worker that says nothing more.
/// </summary>
/// <param name="states">The states, oldest first, of any number of documents.</param>
public sealed class ScriptedSubscriber(params IEnumerable<ProgressSnapshot> states) : IProgressSubscriber
{
    private readonly ProgressSnapshot[] _states = [.. states];

    /// <summary>The aggregates of batches, oldest first. Default: none.</summary>
    public IReadOnlyList<ProgressBatchSnapshot> Batches { get; init; } = [];

    /// <inheritdoc/>
    public ValueTask<ProgressSnapshot?> GetSnapshotAsync(string documentId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        cancellationToken.ThrowIfCancellationRequested();
        return new(_states.LastOrDefault(state => state.DocumentId == documentId));
    }

    /// <inheritdoc/>
    public ValueTask<ProgressBatchSnapshot?> GetBatchAsync(string batchId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        cancellationToken.ThrowIfCancellationRequested();
        return new(Batches.LastOrDefault(batch => batch.BatchId == batchId));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return PlayAsync(_states.Where(state => !(state.Revision <= after)), [documentId], static state => state.DocumentId, static state => state.IsTerminal, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default) =>
        PlayAsync(
            _states, DocumentIds.Distinct(documentIds, nameof(documentIds)).Select(subject => subject.Id), static state => state.DocumentId, static state => state.IsTerminal,
            cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ProgressBatchSnapshot> SubscribeBatchAsync(string batchId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        return PlayAsync(Batches.Where(batch => !(batch.Revision <= after)), [batchId], static batch => batch.BatchId, static batch => batch.IsFinished, cancellationToken);
    }

    private static async IAsyncEnumerable<T> PlayAsync<T>(
        IEnumerable<T> states, IEnumerable<string> ids, Func<T, string> id, Func<T, bool> isEnd, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = ids.ToHashSet(StringComparer.Ordinal);
        foreach (var state in states.Where(state => open.Contains(id(state))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isEnd(state))
                open.Remove(id(state));
            yield return state;
        }

        if (open.Count > 0)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }
}

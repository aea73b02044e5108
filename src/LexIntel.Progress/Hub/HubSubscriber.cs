using System.Runtime.CompilerServices;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Hub;

/// <summary>The subscriber of a process that has a hub.</summary>
internal sealed class HubSubscriber(ProgressHub hub) : IProgressSubscriber
{
    public async ValueTask<ProgressSnapshot?> GetSnapshotAsync(string documentId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        var reading = await hub.ReadAsync(documentId).WaitAsync(cancellationToken).ConfigureAwait(false);
        return reading.State is null ? null : reading.State.Snapshot with { StalledSince = reading.StalledSince };
    }

    public async ValueTask<ProgressBatchSnapshot?> GetBatchAsync(string batchId, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        var reading = await hub.ReadAsync(Subject.Batch(batchId)).WaitAsync(cancellationToken).ConfigureAwait(false);
        return reading.State?.BatchSnapshot;
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return ReadAsync([documentId], after, static state => state.Snapshot, cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default) =>
        ReadAsync(DocumentIds.Distinct(documentIds, nameof(documentIds)), after: null, static state => state.Snapshot, cancellationToken);

    public IAsyncEnumerable<ProgressBatchSnapshot> SubscribeBatchAsync(
        string batchId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(batchId, nameof(batchId), "batch id");
        return ReadAsync([Subject.Batch(batchId)], after, static state => state.BatchSnapshot, cancellationToken);
    }

    private async IAsyncEnumerable<T> ReadAsync<T>(
        HashSet<Subject> subjects, ProgressRevision? after, Func<State, T> snapshot, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mailbox = new Mailbox();
        try
        {
            using var wake = cancellationToken.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
            // All at once: the hub reads many documents in one call.
            var opened = new List<Task>(subjects.Count);
            foreach (var subject in subjects)
                opened.Add(hub.Join(subject, mailbox, after).Topic.Opened);
            await Task.WhenAll(opened).WaitAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                while (mailbox.TryTake(out var delivery))
                {
                    if (delivery.State is { IsTerminal: true } || (delivery.Look && delivery.Watch.IsFinished))
                        delivery.Watch.Dispose();
                    if (delivery.State is null)
                        continue;
                    var taken = snapshot(delivery.State);
                    delivery.Release();
                    yield return taken;
                    if (mailbox.WatchCount > 0)
                        cancellationToken.ThrowIfCancellationRequested();
                }

                if (mailbox.WatchCount == 0)
                    yield break;
                await mailbox.WaitAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                hub.ThrowIfDisposed();
            }
        }
        finally
        {
            mailbox.LeaveAll();
        }
    }
}

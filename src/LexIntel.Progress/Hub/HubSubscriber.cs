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

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        string documentId, ProgressRevision? after = null, CancellationToken cancellationToken = default)
    {
        DocumentIds.ThrowIfInvalid(documentId, nameof(documentId));
        return ReadAsync([documentId], after, cancellationToken);
    }

    public IAsyncEnumerable<ProgressSnapshot> SubscribeAsync(
        IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documentIds);
        var distinct = new HashSet<string>(documentIds.Count, StringComparer.Ordinal);
        foreach (var documentId in documentIds)
        {
            DocumentIds.ThrowIfInvalid(documentId, nameof(documentIds));
            distinct.Add(documentId);
        }

        return ReadAsync(distinct, after: null, cancellationToken);
    }

    private async IAsyncEnumerable<ProgressSnapshot> ReadAsync(
        HashSet<string> documentIds, ProgressRevision? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mailbox = new Mailbox();
        try
        {
            using var wake = cancellationToken.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
            // All at once: the hub reads many documents in one call.
            var opened = new List<Task>(documentIds.Count);
            foreach (var documentId in documentIds)
                opened.Add(hub.Join(documentId, mailbox, after).Topic.Opened);
            await Task.WhenAll(opened).WaitAsync(cancellationToken).ConfigureAwait(false);
            while (true)
            {
                while (mailbox.TryTake(out var delivery))
                {
                    if (delivery.State is { IsTerminal: true } || (delivery.Look && delivery.Watch.IsFinished))
                        delivery.Watch.Dispose();
                    if (delivery.State is null)
                        continue;
                    yield return delivery.State.Snapshot;
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

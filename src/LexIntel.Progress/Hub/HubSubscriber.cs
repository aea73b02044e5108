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
        return ReadAsync(documentId, after, cancellationToken);
    }

    private async IAsyncEnumerable<ProgressSnapshot> ReadAsync(
        string documentId, ProgressRevision? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var mailbox = new Mailbox();
        using var watch = hub.Join(documentId, mailbox, after);
        using var wake = cancellationToken.UnsafeRegister(static state => ((Mailbox)state!).Wake(), mailbox);
        await watch.Topic.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            while (mailbox.TryTake(out var delivery))
            {
                yield return delivery.State.Snapshot;
                if (delivery.State.IsTerminal)
                    yield break;
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (watch.IsFinished)
                yield break;
            await mailbox.WaitAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            hub.ThrowIfDisposed();
        }
    }
}

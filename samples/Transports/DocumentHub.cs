using LexIntel.Progress;
using Microsoft.AspNetCore.SignalR;

namespace Transports;

/// <summary>The whole of SignalR: a streaming method that returns what the subscriber returns. It ends with the document, or when the client leaves.</summary>
internal sealed class DocumentHub(IProgressSubscriber subscriber) : Hub
{
    // What the endpoints of MapProgressStream() do besides is the hub's own business: who may see the document, from which origin, how many at once.
    public IAsyncEnumerable<ProgressSnapshot> Watch(string documentId, CancellationToken cancellationToken) =>
        subscriber.SubscribeAsync(documentId, cancellationToken: cancellationToken);
}

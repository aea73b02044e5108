using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Tests.Support;

internal static class HubWaits
{
    /// <summary>Waits until the hub is subscribed to a document and has looked it up, so that nothing sent from now on is missed.</summary>
    public static async Task WaitUntilOpenAsync(this ProgressHub hub, string documentId)
    {
        await Eventually.TrueAsync(() => hub.TopicCount > 0, $"somebody who watches {documentId}");
        using var watch = hub.Join(documentId, new Mailbox(), after: null);
        await watch.Topic.Opened.WithinAsync($"{documentId} to be looked up");
    }
}

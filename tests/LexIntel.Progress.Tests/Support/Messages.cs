using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Tests.Support;

/// <summary>What arrives on the channel of one document, past the hub.</summary>
internal sealed class Messages : IAsyncDisposable
{
    private readonly Channel<string> _received = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private ISubscription? _subscription;

    /// <summary>Subscribes. The nodes of a Cluster pass messages on to each other: one that was published shortly before can still come after.</summary>
    /// <param name="backplane">Where.</param>
    /// <param name="subject">What.</param>
    /// <param name="mayComeTwice">Whether the same message once more is none: a Cluster's client that subscribes a plain channel while its connections come up can have it at two nodes.</param>
    public static async Task<Messages> OfAsync(IBackplane backplane, Subject subject, bool mayComeTwice = false)
    {
        var messages = new Messages();
        var seen = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        messages._subscription = await backplane.SubscribeAsync(
            subject,
            new Receiver(json =>
            {
                var message = Encoding.UTF8.GetString(json.Span);
                if (seen.TryAdd(message, true) || !mayComeTwice)
                    messages._received.Writer.TryWrite(message);
            }),
            TestContext.Current.CancellationToken);
        return messages;
    }

    public bool IsEmpty => Count == 0;

    /// <summary>How many wait to be taken.</summary>
    public int Count => _received.Reader.Count;

    public Task<string> NextAsync() => _received.Reader.ReadAsync().AsTask().WithinAsync("a message");

    /// <inheritdoc cref="ISubscription.KeepOrder"/>
    public void KeepOrder() => _subscription!.KeepOrder();

    public ValueTask DisposeAsync() => _subscription!.DisposeAsync();
}

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
    public static async Task<Messages> OfAsync(IBackplane backplane, Subject subject)
    {
        var messages = new Messages();
        messages._subscription = await backplane.SubscribeAsync(
            subject, json => messages._received.Writer.TryWrite(Encoding.UTF8.GetString(json.Span)), TestContext.Current.CancellationToken);
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

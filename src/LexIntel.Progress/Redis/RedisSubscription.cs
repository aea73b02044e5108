using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The subscription to one channel. The client library's handlers run in any order, its queues keep it and cost ten times as much memory. States with
/// a revision need no order but that. Plain messages do: a channel that may carry them, because nothing is stored, or has carried one, gets a
/// queue as well, which alone counts from its own first message on.
/// </summary>
internal sealed class RedisSubscription(ISubscriber subscriber, RedisChannel channel, CommandFlags flags, Action<ReadOnlyMemory<byte>> receive) : ISubscription
{
    private readonly Lock _gate = new();
    private ChannelMessageQueue? _queue;
    private List<ReadOnlyMemory<byte>>? _early;
    private volatile bool _isQueued;
    private volatile bool _isOver;

    /// <summary>Completes when the server has confirmed it.</summary>
    public Task BeginAsync() => subscriber.SubscribeAsync(channel, OnMessage, flags);

    public void KeepOrder()
    {
        lock (_gate)
        {
            if (_queue is not null || _isOver)
                return;
            // The channel is subscribed already: this asks the server for nothing.
            _queue = subscriber.Subscribe(channel, flags | CommandFlags.FireAndForget);
            _queue.OnMessage(OnQueued);
        }
    }

    public async ValueTask DisposeAsync()
    {
        ChannelMessageQueue? queue;
        lock (_gate)
        {
            _isOver = true;
            queue = _queue;
        }

        try
        {
            // It ends here at once. The server's answer changes nothing, and one that is frozen must hold up nobody.
            await subscriber.UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget).ConfigureAwait(false);
            if (queue is not null)
                await queue.UnsubscribeAsync(CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The connection is gone, and the subscription with it.
        }
    }

    private void OnMessage(RedisChannel _, RedisValue message)
    {
        // What has not come by now is older than what has come in the queue.
        if (_isQueued || _isOver)
            return;
        var json = (ReadOnlyMemory<byte>)message;
        if (RedisAnswer.RevisionOf(message) is not null)
        {
            receive(json);
            return;
        }

        lock (_gate)
        {
            if (_isQueued || _isOver)
                return;
            (_early ??= []).Add(json);
            receive(json);
        }

        KeepOrder();
    }

    private void OnQueued(ChannelMessage message)
    {
        var json = (ReadOnlyMemory<byte>)message.Message;
        lock (_gate)
        {
            if (_isOver)
                return;
            _isQueued = true;
            if (!HasComeUnsynchronized(json))
                receive(json);
        }
    }

    /// <summary>
    /// Whether a message of the queue came through the handler, which is given the same bytes. Handlers run in any order, so one that came tells
    /// nothing about those before it; what came before the queue began, most often one message, stays noted.
    /// </summary>
    private bool HasComeUnsynchronized(ReadOnlyMemory<byte> json) => _early is not null && _early.Remove(json);
}

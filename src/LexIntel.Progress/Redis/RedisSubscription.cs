using LexIntel.Progress.Backplane;
using StackExchange.Redis;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The subscription to one channel. The client library's handlers run in any order, its queues keep it and cost ten times as much memory. States with
/// a revision need no order but that. Plain messages do: a channel that may carry them, because nothing is stored, or has carried one, gets a
/// queue as well. The library fills it before it calls the handler, so the handler tells when there is something in it, and nobody has to wait for it.
/// </summary>
internal sealed class RedisSubscription(ISubscriber subscriber, RedisChannel channel, CommandFlags flags, IReceiver receiver) : ISubscription
{
    private ChannelMessageQueue? _queue;
    private HashSet<ReadOnlyMemory<byte>>? _ahead;
    private volatile bool _isOver;

    /// <summary>Completes when the server has confirmed it.</summary>
    public Task BeginAsync() => subscriber.SubscribeAsync(channel, OnMessage, flags);

    public void KeepOrder()
    {
        lock (this)
        {
            if (_queue is not null || _isOver)
                return;
            // The channel is subscribed already: this asks the server for nothing.
            Volatile.Write(ref _queue, subscriber.Subscribe(channel, flags | CommandFlags.FireAndForget));
        }
    }

    public async ValueTask DisposeAsync()
    {
        ChannelMessageQueue? queue;
        lock (this)
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
        if (_isOver)
            return;
        var json = (ReadOnlyMemory<byte>)message;
        if (Volatile.Read(ref _queue) is null && RedisAnswer.RevisionOf(message) is not null)
        {
            receiver.Receive(json);
            return;
        }

        lock (this)
        {
            if (_isOver)
                return;
            if (_queue is { } queue)
            {
                EmptyUnsynchronized(queue, json);
                return;
            }

            receiver.Receive(json);
        }

        KeepOrder();
    }

    /// <summary>Takes what is in the queue, in its order.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="called">What the handler was called with, one of those that are taken now or were before; else it came before the queue began.</param>
    private void EmptyUnsynchronized(ChannelMessageQueue queue, ReadOnlyMemory<byte> called)
    {
        // Handlers are given the very bytes that are in the queue.
        if (_ahead?.Remove(called) == true)
            return;
        List<ReadOnlyMemory<byte>> queued = [];
        while (queue.TryRead(out var message))
            queued.Add((ReadOnlyMemory<byte>)message.Message);
        // What came before the queue began is older than all of it: too late when some of it was shown.
        if (_ahead is null && !queued.Contains(called))
            receiver.Receive(called);
        foreach (var json in queued)
        {
            _ahead ??= [];
            if (!json.Equals(called))
                _ahead.Add(json);
            receiver.Receive(json);
        }
    }
}

using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>
/// What .NET itself offers: <see cref="TypedResults.ServerSentEvents{T}(IAsyncEnumerable{T}, string?)"/> over a bounded channel per client that
/// drops what is oldest, with one Redis connection.
/// </summary>
internal sealed class SseResultServer : IServerUnderTest
{
    private const int ChannelCapacity = 8;

    private readonly Subscriptions<Channel<string>> _subscriptions = new(static (channel, text) => channel.Writer.TryWrite(text));

    public void Configure(WebApplicationBuilder builder, string redis)
    {
    }

    public async Task MapAsync(WebApplication app, string redis)
    {
        await _subscriptions.ConnectAsync(redis);
        app.MapGet("/progress/documents/{id}/stream", (string id, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(ReadAsync(id, cancellationToken)));
    }

    private async IAsyncEnumerable<SseItem<string>> ReadAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<string>(new BoundedChannelOptions(ChannelCapacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        await _subscriptions.AddAsync(id, channel);
        try
        {
            // The result sends no headers before its first event.
            yield return new("{\"status\":\"connected\"}");
            await foreach (var text in channel.Reader.ReadAllAsync(cancellationToken))
                yield return new(text);
        }
        finally
        {
            _subscriptions.Remove(id, channel);
        }
    }
}

using System.Globalization;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A plain PUBLISH, as existing workers do it; nothing is stored.</summary>
internal sealed class PlainSink : IUpdateSink
{
    private readonly ISubscriber _subscriber;
    private readonly RedisChannel[] _channels;
    private readonly string[] _ids;

    public PlainSink(string redis, int documents)
    {
        _subscriber = ConnectionMultiplexer.Connect(redis).GetSubscriber();
        _ids = [.. Enumerable.Range(0, documents).Select(Documents.Id)];
        _channels = [.. Enumerable.Range(0, documents).Select(static document => RedisChannel.Literal(Documents.Channel(document)))];
    }

    public void Publish(int document, string message) =>
        _subscriber.Publish(_channels[document], PlainState.Json(_ids[document], message), CommandFlags.FireAndForget);

    public async Task FlushAsync() => await _subscriber.PingAsync();
}

using LexIntel.Progress.LoadTest.Publishing.Messages;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>A plain PUBLISH, in the form that a server expects; nothing is stored.</summary>
internal sealed class PlainSink(string redis, int documents, IMessageForm form) : IUpdateSink
{
    private readonly ISubscriber _subscriber = ConnectionMultiplexer.Connect(redis).GetSubscriber();
    private readonly string[] _ids = [.. Enumerable.Range(0, documents).Select(Documents.Id)];
    private readonly RedisChannel[] _channels = [.. Enumerable.Range(0, documents).Select(document => RedisChannel.Literal(form.Channel(Documents.Id(document))))];

    public void Publish(int document, string message) =>
        _subscriber.Publish(_channels[document], form.Message(_ids[document], message), CommandFlags.FireAndForget);

    public async Task FlushAsync() => await _subscriber.PingAsync();
}

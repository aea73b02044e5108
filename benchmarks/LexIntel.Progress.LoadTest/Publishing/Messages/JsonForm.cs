using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Publishing.Messages;

/// <summary>The state as JSON on a channel per document: existing workers, and GraphQL's Redis event target.</summary>
internal sealed class JsonForm(Func<string, string> channel) : IMessageForm
{
    public string Channel(string documentId) => channel(documentId);

    public RedisValue Message(string documentId, string message) => PlainState.Json(documentId, message);
}

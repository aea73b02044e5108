using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Publishing.Messages;

/// <summary>How a server wants its messages on Redis.</summary>
internal interface IMessageForm
{
    string Channel(string documentId);

    RedisValue Message(string documentId, string message);
}

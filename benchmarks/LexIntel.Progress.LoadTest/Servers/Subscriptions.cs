using System.Collections.Concurrent;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>One Redis subscription per document, shared by its clients: what a careful team writes around a result that has none.</summary>
internal sealed class Subscriptions<TClient>(Action<TClient, string> deliver)
    where TClient : class
{
    private readonly ConcurrentDictionary<string, List<TClient>> _clients = new(StringComparer.Ordinal);
    private ISubscriber _subscriber = null!;

    public async Task ConnectAsync(string redis) => _subscriber = (await ConnectionMultiplexer.ConnectAsync(redis)).GetSubscriber();

    public async Task AddAsync(string id, TClient client)
    {
        var clients = _clients.GetOrAdd(id, static _ => []);
        lock (clients)
        {
            clients.Add(client);
            if (clients.Count > 1)
                return;
        }

        await _subscriber.SubscribeAsync(RedisChannel.Literal($"document:{id}:progress"), (_, message) =>
        {
            string text = message!;
            lock (clients)
            {
                foreach (var each in clients)
                    deliver(each, text);
            }
        });
    }

    public void Remove(string id, TClient client)
    {
        var clients = _clients[id];
        lock (clients)
            clients.Remove(client);
    }
}

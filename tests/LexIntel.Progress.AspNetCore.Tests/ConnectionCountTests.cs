using LexIntel.Progress.Testing;
using StackExchange.Redis;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class ConnectionCountTests
{
    [Fact]
    public async Task Thousand_watched_documents_use_one_subscriber_connection_per_host()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        await using var host = await StreamHostProcess.StartAsync(redis);
        await using var observer = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true,name=observer");
        var streams = new List<SseConnection>();
        try
        {
            for (var i = 0; i < 1_000; i++)
                streams.Add(await host.StreamAsync($"doc-{i}"));
            // Its first event says that the document is subscribed.
            foreach (var stream in streams)
                Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);

            var clients = await observer.GetServer(redis.Configuration).ClientListAsync();
            var subscriber = Assert.Single(clients, client => client.Name != "observer" && client.SubscriptionCount > 0);
            Assert.InRange(subscriber.SubscriptionCount, 1_000, 1_001);
        }
        finally
        {
            foreach (var stream in streams)
                await stream.DisposeAsync();
        }
    }
}

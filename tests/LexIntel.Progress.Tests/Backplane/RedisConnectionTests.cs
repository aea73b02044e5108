using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>The one connection of a process to Redis.</summary>
public sealed class RedisConnectionTests(SharedServers servers)
{
    [Fact]
    public async Task Subscribe_waits_for_the_pubsub_connection_that_comes_up_second()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var redis = await RedisServer.LaunchAsync();
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = new TcpProxy(redis.Port, number =>
        {
            if (number == 1)
                return Task.CompletedTask;
            isHeld.TrySetResult();
            return release.Task;
        });
        await using var app = ProgressApp.Create(builder => builder.UseRedis(proxy.Configuration + ",connectTimeout=300"));

        // The first connection is enough for an offer.
        var offering = app.Backplane.OfferAsync("a", 1, 1);
        await isHeld.Task.WithinAsync("a second connection");
        await offering;
        var subscribing = Messages.OfAsync(app.Backplane, "a");
        release.SetResult();

        await using var messages = await subscribing;
        await app.Backplane.OfferAsync("a", 1, 2);
        Assert.StartsWith("{\"revision\":\"1-2\",", await messages.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1_000)]
    [InlineData(true, 2_500)]
    public async Task Connect_again_is_tried_after_the_same_short_time_however_long_the_outage(bool hasTls, int pause)
    {
        ConfigurationOptions? made = null;
        // Port 1 of the loopback refuses every connection.
        await using var app = ProgressApp.Create(builder => builder.UseRedis("127.0.0.1:1,connectTimeout=100", redis => (made, redis.Ssl) = (redis, hasTls)));
        await Assert.ThrowsAnyAsync<RedisException>(() => app.Backplane.OfferAsync("a", 1, 1));

        foreach (var tries in (long[])[1, 10, 1_000_000])
            Assert.Equal((true, false), (made!.ReconnectRetryPolicy.ShouldRetry(tries, pause), made.ReconnectRetryPolicy.ShouldRetry(tries, pause - 1)));
        Assert.True(made!.HeartbeatInterval <= TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task Dispose_leaves_the_hosts_multiplexer_open()
    {
        await using var hosts = await ConnectionMultiplexer.ConnectAsync(await servers.ConfigurationAsync(BackplaneKind.Redis));
        var app = ProgressApp.Create(
            builder =>
            {
                builder.Services.AddSingleton<IConnectionMultiplexer>(hosts);
                builder.UseRedis();
            },
            options => options.Prefix = Guid.NewGuid().ToString("N"));
        await app.Backplane.OfferAsync("a", 1, 1);

        await app.DisposeAsync();

        Assert.True(await hosts.GetDatabase().PingAsync() >= TimeSpan.Zero);
    }

    [Fact]
    public async Task Dispose_closes_its_own_connections()
    {
        await using var probe = await ConnectionMultiplexer.ConnectAsync((await servers.ConfigurationAsync(BackplaneKind.Redis)) + ",allowAdmin=true");
        var name = Guid.NewGuid().ToString("N");
        var configuration = await servers.ConfigurationAsync(BackplaneKind.Redis);
        var app = ProgressApp.Create(builder => builder.UseRedis($"{configuration},name={name}"));
        await app.Backplane.OfferAsync(name, 1, 1);

        await app.DisposeAsync();

        await Eventually.GetAsync(
            async () => (string)(await probe.GetDatabase().ExecuteAsync("CLIENT", "LIST"))!,
            list => !list.Contains(name, StringComparison.Ordinal), "no connection of the disposed process");
    }

    [Fact]
    public async Task UseRedis_without_a_multiplexer_says_what_to_register()
    {
        await using var app = ProgressApp.Create(builder => builder.UseRedis());

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.Backplane.OfferAsync("a", 1, 1));

        Assert.Contains("UseRedis(\"localhost:6379\")", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("abortConnect=false")]
    public void UseRedis_configuration_without_a_server_is_refused(string configuration) =>
        Assert.ThrowsAny<ArgumentException>(() => ProgressApp.Create(builder => builder.UseRedis(configuration)));
}

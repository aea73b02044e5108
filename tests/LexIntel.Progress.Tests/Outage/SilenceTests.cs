using LexIntel.Progress.Testing;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>Connections stay open, and nothing comes.</summary>
public sealed class SilenceTests
{
    [Fact]
    public async Task Redis_pauses_its_clients_degrades_and_heals()
    {
        await using var redis = await LaunchAsync();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await using var scene = await OutageScene.OpenAsync(redis.Configuration);

        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "8000", "ALL");
        scene.Report("meanwhile");
        await scene.DegradedAsync();
        await scene.SourceStandsInAsync();

        await scene.RecoverAsync("meanwhile");
    }

    [Fact]
    public async Task Firewall_drops_every_packet_degrades_and_heals()
    {
        Assert.SkipUnless(Firewall.WhyMissing is null, Firewall.WhyMissing ?? "");
        await using var redis = await LaunchAsync();
        await using var scene = await OutageScene.OpenAsync(redis.Configuration);

        using (Firewall.Block(redis.Port))
        {
            scene.Report("meanwhile");
            await scene.DegradedAsync();
            await scene.SourceStandsInAsync();
        }

        await scene.RecoverAsync("meanwhile");
    }

    [Fact]
    public async Task Way_is_silent_both_directions_degrades_and_heals()
    {
        await using var redis = await LaunchAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var scene = await OutageScene.OpenAsync(proxy.Configuration);

        proxy.Silence(static _ => true);
        scene.Report("meanwhile");
        await scene.DegradedAsync();
        await scene.SourceStandsInAsync();
        proxy.Speak();

        await scene.RecoverAsync("meanwhile");
    }

    [Fact]
    public async Task Subscription_connection_is_silent_readers_stay_current_and_the_host_says_degraded()
    {
        await using var redis = await LaunchAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var scene = await OutageScene.OpenAsync(redis.Configuration, proxy.Configuration);

        // The client library opens the connection for commands first.
        proxy.Silence(static number => number > 1);
        for (var i = 0; i < 3; i++)
        {
            await scene.ReportAsync($"unpublished {i}");
            await scene.SeeAsync($"unpublished {i}");
        }

        await scene.DegradedAsync();
        Assert.Empty(scene.Worker.Log.Named("OutboxWaits"));
        proxy.Speak();
        await scene.ReportAsync("afterwards");

        await scene.RecoverAsync("afterwards");
    }

    [Fact]
    public async Task Redis_closes_the_subscriber_that_does_not_keep_up_degrades_and_heals()
    {
        await using var redis = await LaunchAsync("--client-output-buffer-limit", "pubsub 1mb 512kb 1");
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await using var proxy = new TcpProxy(redis.Port);
        await using var scene = await OutageScene.OpenAsync(redis.Configuration, proxy.Configuration);

        proxy.Silence(static number => number > 1);
        var junk = new string('x', 64 * 1024);
        while (!redis.Log.Any(line => line.Contains("output buffer limits", StringComparison.Ordinal)))
            await admin.GetSubscriber().PublishAsync(RedisChannel.Literal("document:d0:progress"), junk);
        await scene.ReportAsync("meanwhile");
        await scene.DegradedAsync();
        await scene.SourceStandsInAsync();
        proxy.Speak();

        await scene.RecoverAsync("meanwhile");
    }

    private static async Task<RedisServer> LaunchAsync(params string[] arguments)
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        return await RedisServer.LaunchAsync(arguments);
    }
}

using LexIntel.Progress.Testing;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>Redis answers, and takes nothing: reading works, so only the way of a message tells that what is shown may be old.</summary>
public sealed class RefusalTests
{
    [Fact]
    public Task Redis_out_of_memory_degrades_and_heals() =>
        RefuseAsync(redis => redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"), redis => redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"), "OOM");

    [Fact]
    public Task Redis_that_became_a_replica_degrades_and_heals() =>
        RefuseAsync(redis => redis.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"), redis => redis.ExecuteAsync("REPLICAOF", "NO", "ONE"), "");

    private static async Task RefuseAsync(Func<IDatabase, Task> refuse, Func<IDatabase, Task> takeAgain, string reason)
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync("--maxmemory-policy", "noeviction");
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.Configuration + ",allowAdmin=true");
        await using var scene = await OutageScene.OpenAsync(redis.Configuration);

        await refuse(admin.GetDatabase());
        scene.Report("meanwhile");
        await scene.DegradedAsync();
        Assert.Contains(reason, scene.Host.Hub.Health.Degradation!.Detail, StringComparison.Ordinal);
        await scene.Worker.Log.WaitForAsync("OutboxWaits");
        await scene.SourceStandsInAsync();
        await takeAgain(admin.GetDatabase());

        await scene.RecoverAsync("meanwhile");
    }
}

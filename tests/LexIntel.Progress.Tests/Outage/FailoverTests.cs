using System.Globalization;
using LexIntel.Progress.Testing;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>Sentinel replaces a master that has died by a replica that lagged: what the replica lacks is made up for.</summary>
public sealed class FailoverTests
{
    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sentinel_makes_a_lagging_replica_the_master_nothing_falls_and_the_newest_arrives()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var master = await RedisServer.LaunchAsync();
        await using var replica = await RedisServer.LaunchAsync("--replicaof", "127.0.0.1", master.Port.ToString(CultureInfo.InvariantCulture));
        // Longer than it takes until the host says that it is degraded.
        await using var sentinel = RedisSentinel.Launch(master, TimeSpan.FromSeconds(6));
        await using var masterAdmin = await ConnectionMultiplexer.ConnectAsync(master.Configuration + ",allowAdmin=true");
        await using var replicaAdmin = await ConnectionMultiplexer.ConnectAsync(replica.Configuration + ",allowAdmin=true");
        await InfoAsync(replicaAdmin, "replication", "master_link_status:up");
        await using var sentinelAdmin = await ConnectionMultiplexer.ConnectAsync(
            new ConfigurationOptions { EndPoints = { { "127.0.0.1", sentinel.Port } }, CommandMap = CommandMap.Sentinel, TieBreaker = "", AllowAdmin = true });
        await InfoAsync(sentinelAdmin, "sentinel", "slaves=1");
        await using var scene = await OutageScene.OpenAsync(sentinel.Configuration);

        // Cut off from the master, the replica lacks what all readers have seen.
        await masterAdmin.GetDatabase().ExecuteAsync("ACL", "SETUSER", "default", "-psync");
        await masterAdmin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "replica");
        await InfoAsync(replicaAdmin, "replication", "master_link_status:down");
        await scene.ReportAsync("lost");
        await scene.SeeAsync("lost");
        await master.StopAsync();
        await scene.DegradedAsync();
        await scene.SourceStandsInAsync();
        scene.Report("meanwhile");
        await InfoAsync(replicaAdmin, "replication", "role:master");

        await scene.RecoverAsync("meanwhile");
    }

    private static Task<string> InfoAsync(ConnectionMultiplexer server, string section, string expected) => Eventually.GetAsync(
        async () =>
        {
            try
            {
                return (string?)await server.GetServers()[0].ExecuteAsync("INFO", section) ?? "";
            }
            catch (RedisConnectionException closed)
            {
                // Sentinel closes the connections of a server that gets another role.
                return closed.Message;
            }
        },
        info => info.Contains(expected, StringComparison.Ordinal), expected).WaitAsync(Stopped);
}

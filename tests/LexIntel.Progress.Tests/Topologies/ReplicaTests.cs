using System.Globalization;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Topologies;

/// <summary>A backend in another region, which reads and subscribes at the replica beside it. The way between the regions is slow.</summary>
public sealed class ReplicaTests(SharedServers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(40);

    private readonly string _name = Guid.NewGuid().ToString("N");
    private RedisServer _master = null!;
    private TcpProxy _ocean = null!;
    private RedisServer _replica = null!;

    public async ValueTask InitializeAsync()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        _master = await RedisServer.LaunchAsync();
        _ocean = new(_master.Port, delay: Distance);
        _replica = await RedisServer.LaunchAsync("--replicaof", $"127.0.0.1 {_ocean.Port}", "--replica-serve-stale-data", "no", "--repl-diskless-sync-delay", "0");
        await Eventually.GetAsync(() => RedisCluster.CommandAsync(_replica, "info", "replication"), answer => answer.Contains("master_link_status:up", StringComparison.Ordinal), "a replica that has its master's data");
    }

    public async ValueTask DisposeAsync()
    {
        await _replica.DisposeAsync();
        await _ocean.DisposeAsync();
        await _master.DisposeAsync();
    }

    [Fact]
    public async Task Reader_at_the_replica_sees_everything_and_asks_the_master_nothing()
    {
        await using var near = ProgressApp.Create(builder => builder.UseRedis(_master.Configuration));
        await using var far = Far(_replica.Configuration);
        await using (var run = await StreamedRun.StartAsync(near, far, ["a", "b", "c"]))
            await run.EndAsync();

        var snapshot = await far.Subscriber.GetSnapshotAsync("a", TestContext.Current.CancellationToken);

        Assert.Equal(ProgressStatus.Completed, snapshot?.Status);
        Assert.Contains(_name, await RedisCluster.CommandAsync(_replica, "client", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain(_name, await RedisCluster.CommandAsync(_master, "client", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backend_that_knows_both_reads_at_the_replica_and_publishes_at_the_master()
    {
        await using var far = Far($"{_ocean.Configuration},{_replica.Configuration}");

        await using (var run = await StreamedRun.StartAsync(far, far, ["a"]))
        {
            Assert.Equal("document:a:progress", (await RedisCluster.CommandAsync(_replica, "pubsub", "channels", "document:a:*")).Trim());
            Assert.Equal("", (await RedisCluster.CommandAsync(_master, "pubsub", "channels", "document:a:*")).Trim());
            await run.EndAsync();
        }

        Assert.Equal("0", await CallsAsync(_master, "get"));
        Assert.Equal("0", await CallsAsync(_master, "mget"));
    }

    [Fact]
    public async Task Replica_that_lost_its_master_is_degraded_and_its_documents_are_not_stalled()
    {
        await using var near = ProgressApp.Create(builder => builder.UseRedis(_master.Configuration), options => options.Lease = TimeSpan.FromSeconds(3));
        await using var far = Far(_replica.Configuration, options => options.Lease = TimeSpan.FromSeconds(3));
        await using var job = near.Publisher.Start("a");
        job.StartStep("extraction");
        await using var reader = new History(far.Subscriber, "a");
        await reader.NextAsync();

        await _ocean.DisposeAsync();

        // It takes longer to be sure than a lease lasts.
        await Eventually.TrueAsync(() => far.Hub.Degradation is not null, "a degraded backend");
        using var watch = far.Hub.Join("a", new Mailbox(), after: null);
        Assert.Null(watch.Topic.StalledSince);
    }

    private ProgressApp Far(string configuration, Action<ProgressOptions>? configure = null) => ProgressApp.Create(
        builder => builder.UseRedis($"{configuration},name={_name},tieBreaker="),
        options =>
        {
            options.ReadFromReplica = true;
            configure?.Invoke(options);
        });

    private static async Task<string> CallsAsync(RedisServer server, string command)
    {
        var line = (await RedisCluster.CommandAsync(server, "info", "commandstats")).Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal));
        return line?.Split('=', ',')[1] ?? 0.ToString(CultureInfo.InvariantCulture);
    }
}

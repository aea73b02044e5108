using System.Text.RegularExpressions;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Topologies;

/// <summary>The rights that docs/redis.md asks for, taken from there, are enough; each of them is needed or said to be optional.</summary>
public sealed class LeastRightsTests(SharedServers servers)
{
    /// <summary>What the client library asks for when it connects, and does without; the last two are its channel for changes of masters.</summary>
    private static readonly string[] ClientTries =
        ["client|setname", "client|setinfo", "client|id", "config|get", "info", "cluster|nodes", "cluster|slots", "sentinel|masters", "__Booksleeve_TieBreak", "__Booksleeve_MasterChanged", "subscribe"];

    [Fact]
    public async Task Single_server_takes_the_documented_rights()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var redis = await RedisServer.LaunchAsync();

        await StreamAsync(redis.Configuration, [redis], "single");
    }

    [Theory]
    [InlineData("cluster", false)]
    [InlineData("sharded", true)]
    public async Task Cluster_takes_the_documented_rights(string topology, bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();

        await StreamAsync(cluster.Configuration, cluster.Nodes, topology, sharded);
    }

    [Fact]
    public async Task Replica_takes_the_documented_rights()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var master = await RedisServer.LaunchAsync();
        await using var replica = await RedisServer.LaunchAsync("--replicaof", $"127.0.0.1 {master.Port}", "--repl-diskless-sync-delay", "0");
        await SetUserAsync(replica, "replica");
        await using var worker = ProgressApp.Create(builder => builder.UseRedis(master.Configuration));
        await using var backend = ProgressApp.Create(builder => builder.UseRedis($"{replica.Configuration},user=progress,password=secret"), options => options.ReadFromReplica = true);

        await using var run = await StreamedRun.StartAsync(worker, backend, ["a"]);
        await run.EndAsync();

        Assert.Equal("", await DeniedAsync(replica));
    }

    [Fact]
    public async Task Publisher_takes_the_documented_rights()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var redis = await RedisServer.LaunchAsync();
        await SetUserAsync(redis, "publisher");
        await using var worker = ProgressApp.Create(builder => builder.UseRedis($"{redis.Configuration},user=progress,password=secret"), options => options.Lease = TimeSpan.FromSeconds(3));
        await using var backend = ProgressApp.Create(builder => builder.UseRedis(redis.Configuration));

        await using var run = await StreamedRun.StartAsync(worker, backend, ["a"]);
        await Eventually.GetAsync(() => CallsAsync([redis], "getex"), static calls => calls > 0, "a renewal");
        await run.EndAsync();

        Assert.Equal("", await DeniedAsync(redis));
    }

    [Theory]
    [InlineData("single", false)]
    [InlineData("sharded", true)]
    public async Task Rights_that_an_error_asks_for_are_the_documented_ones(string topology, bool sharded)
    {
        var documented = (await DocumentedAsync(topology)).Split(' ').Where(word => word[0] is '+' or '~' or '&').Except(["+cluster|nodes", "+info"]);

        Assert.Equal(documented.Order(StringComparer.Ordinal), RedisRights.For(new() { ShardedChannels = sharded }).Split(' ').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rights_of_one_prefix_do_not_reach_another()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var redis = await RedisServer.LaunchAsync();
        await SetUserAsync(redis, "single");
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"{redis.Configuration},user=progress,password=secret"), options => options.Prefix = "other:");

        await app.Publisher.PublishAsync(new("a", "extraction", 10));

        Assert.Contains("NOPERM", (await app.Log.WaitForAsync("OutboxWaits")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_whose_key_may_not_be_written_is_dropped_and_holds_up_no_other()
    {
        await servers.ConfigurationAsync(BackplaneKind.Redis);
        await using var redis = await RedisServer.LaunchAsync();
        Assert.Equal("OK", (await RedisCluster.CommandAsync(redis, "acl", "setuser", "some", "on", "nopass", "+@all", "allchannels", "~document:a:progress", "~document:c:progress")).Trim());
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"{redis.Configuration},user=some,password=any"));

        foreach (var document in (string[])["a", "b", "c"])
            await app.Publisher.PublishAsync(new(document, "extraction", 10));

        await app.FlushAsync();
        Assert.Contains("'b'", Assert.Single(app.Log.Named("UpdateImpossible")).Text, StringComparison.Ordinal);
        Assert.All(await app.Backplane.ReadAsync([new("a"), new("c")], TestContext.Current.CancellationToken), state => Assert.NotNull(state));
    }

    private static async Task StreamAsync(string configuration, IEnumerable<RedisServer> nodes, string topology, bool sharded = false)
    {
        foreach (var node in nodes)
            await SetUserAsync(node, topology);
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"{configuration},user=progress,password=secret"), options =>
        {
            options.ShardedChannels = sharded;
            // So that leases are renewed, and quiet documents read again, while the test lasts.
            options.Lease = TimeSpan.FromSeconds(3);
            options.QuietInterval = TimeSpan.FromMilliseconds(100);
        });

        await using var run = await StreamedRun.StartAsync(app, app, ["a", "b", "c"]);
        await Eventually.GetAsync(() => CallsAsync(nodes, "getex"), static calls => calls > 0, "a renewal");
        await run.EndAsync();

        foreach (var node in nodes)
            Assert.Equal("", await DeniedAsync(node));
    }

    private static async Task SetUserAsync(RedisServer server, string topology)
    {
        await RedisCluster.CommandAsync(server, (await DocumentedAsync(topology)).Split(' '));
        Assert.Contains("progress", await RedisCluster.CommandAsync(server, "acl", "users"), StringComparison.Ordinal);
    }

    private static async Task<string> DocumentedAsync(string topology) => Regex
        .Match(await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs/redis.md")), $"^# {topology}\n(ACL SETUSER .*)$", RegexOptions.Multiline).Groups[1].Value;

    /// <summary>What the server refused, except for what the client library tries and does without.</summary>
    private static async Task<string> DeniedAsync(RedisServer server)
    {
        var log = await RedisCluster.CommandAsync(server, "acl", "log");
        var denied = Regex.Matches(log, "^object\n(.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        return string.Join(' ', denied.Except(ClientTries).Order(StringComparer.Ordinal));
    }

    private static async Task<int> CallsAsync(IEnumerable<RedisServer> nodes, string command)
    {
        var answers = await Task.WhenAll(nodes.Select(node => RedisCluster.CommandAsync(node, "info", "commandstats")));
        return answers.Count(answer => answer.Contains($"cmdstat_{command}:", StringComparison.Ordinal));
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Topologies;

/// <summary>A Cluster of three masters, in both modes of its channels.</summary>
public sealed class ClusterTests(SharedServers servers)
{
    private static readonly string[] Documents = [.. Enumerable.Range(1, 60).Select(number => $"document {number}")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Documents_are_spread_over_all_masters(bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded);

        foreach (var document in Documents)
            await app.Publisher.PublishAsync(new(document, "extraction", 10));

        Assert.True(await app.Publisher.FlushAsync(Eventually.Limit));
        var counts = await Task.WhenAll(cluster.Nodes.Select(async node => int.Parse(await RedisCluster.CommandAsync(node, "dbsize"), CultureInfo.InvariantCulture)));
        Assert.Equal(Documents.Length, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, Documents.Length));
    }

    [Fact]
    public async Task Sharded_message_reaches_one_master_and_a_plain_one_all()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var plain = App(cluster, sharded: false);
        await using var sharded = App(cluster, sharded: true);

        Assert.Equal(2, await SentOnAsync(plain));
        Assert.Equal(0, await SentOnAsync(sharded));

        // What the Cluster's bus carried from the document's master to the others.
        async Task<long> SentOnAsync(ProgressApp app)
        {
            var master = await cluster.MasterOfAsync("document:a:progress");
            await using var messages = await Messages.OfAsync(app.Backplane, "a");
            var before = await CountAsync(master);
            await app.Backplane.OfferNewAttemptAsync("a", 1764000000000);
            await messages.NextAsync();
            return await CountAsync(master) - before;
        }

        static async Task<long> CountAsync(RedisServer master) =>
            (await RedisCluster.CommandAsync(master, "cluster", "info")).Split("\r\n")
                .Where(line => line.StartsWith("cluster_stats_messages_publish", StringComparison.Ordinal) && line.Contains("_sent:", StringComparison.Ordinal))
                .Sum(line => long.Parse(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Call_never_spans_slots_and_takes_all_of_one_slot()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await servers.ConfigurationAsync(BackplaneKind.Cluster));
        RedisKey[] spread = [.. Documents];
        RedisKey[] tagged = [.. Documents.Select(document => (RedisKey)$"{{tenant}}:{document}")];

        var runs = SlotRuns.Of(redis, spread, static _ => false);

        Assert.Equal(Documents.Length, runs.Sum(run => run.GetOffsetAndLength(spread.Length).Length));
        Assert.All(runs, run => Assert.Single(spread[run].Select(key => redis.HashSlot(key)).Distinct()));
        Assert.Equal(..Documents.Length, Assert.Single(SlotRuns.Of(redis, tagged, static _ => false)));
    }

    [Fact]
    public async Task Call_outside_a_Cluster_takes_all()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await servers.ConfigurationAsync(BackplaneKind.Redis));

        Assert.Equal(..Documents.Length, Assert.Single(SlotRuns.Of(redis, [.. Documents], static _ => false)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Documents_of_one_master_travel_in_one_call(bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded);

        Assert.All(await OfferAsync(app, 1), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));
        Assert.All(await OfferAsync(app, 2), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));

        // The client library sends the script's text where its hash is not known yet.
        Assert.Equal(2 * cluster.Nodes.Count, await CallsAsync(cluster));
        Assert.All(await app.Backplane.ReadAsync([.. Documents.Select(document => new Question(document))], TestContext.Current.CancellationToken), state => Assert.Equal(new(1, 2), state?.Revision));
    }

    [Fact]
    public async Task Groups_grow_with_the_masters_that_share_them()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded: false);
        var before = app.Backplane.GroupSize;

        await OfferAsync(app, 1);

        Assert.Equal(cluster.Nodes.Count * before, app.Backplane.GroupSize);
    }

    [Fact]
    public async Task Documents_of_one_slot_do_not_hold_up_its_master_for_long()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded: false);

        Assert.All(await OfferAsync(app, 1, [.. Enumerable.Range(0, 250).Select(number => $"{{tenant}}:{number}")]), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));

        Assert.Equal(3, await CallsAsync(cluster));
        Assert.Equal(100, app.Backplane.GroupSize);
    }

    [Fact]
    public async Task Key_that_may_not_be_written_does_not_hold_up_the_others_of_its_call()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        string[] documents = [.. Enumerable.Range(0, 60).Select(number => $"d{number}")];
        foreach (var node in cluster.Nodes)
            Assert.Equal("OK", (await RedisCluster.CommandAsync(node, ["acl", "setuser", "some", "on", "nopass", "+@all", "allchannels", .. documents[1..].Select(document => $"~document:{document}:progress")])).Trim());
        await using var app = ProgressApp.Create(builder => builder.UseRedis($"{cluster.Configuration},user=some,password=any"));

        var outcomes = await OfferAsync(app, 1, documents);

        Assert.Equal([OfferOutcome.Impossible, .. documents[1..].Select(static _ => OfferOutcome.Accepted)], outcomes);
    }

    [Fact]
    public async Task Host_starts_while_all_of_a_known_Cluster_is_away()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.Configuration + ",abortConnect=false");
        await Task.WhenAll(cluster.Nodes.Select(node => node.StopAsync()));
        await Eventually.TrueAsync(() => !redis.IsConnected, "a connection that is lost");
        await using var app = ProgressApp.Create(builder => builder.UseRedis(_ => redis), options => options.BackplaneTimeout = TimeSpan.FromSeconds(1));

        foreach (var service in app.Services.GetServices<IHostedService>())
            await service.StartAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(await app.Log.WaitForAsync("BackplaneAwayAtStart"));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Call_that_meets_slots_that_have_moved_loses_no_document(bool sharded, bool hasDetails)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded, hasDetails: hasDetails);
        await OfferAsync(app, 1);

        // The client library looks by itself once a minute.
        await cluster.ReshardAsync(cluster.Nodes[0], cluster.Nodes[1], 2_000);

        Assert.All(await OfferAsync(app, 2), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));
        Assert.Empty(app.Log.Named("ConnectionLost"));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Document_whose_slot_is_moving_is_stored_where_it_moves_to(bool sharded, bool hasDetails)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded, hasDetails: hasDetails);
        await OfferAsync(app, 1, Documents[1..]);
        var key = $"document:{Documents[0]}:progress";
        var source = await cluster.MasterOfAsync(key);
        var target = cluster.Nodes.First(node => node != source);

        await RedisCluster.BeginMoveAsync(key, source, target);

        Assert.All(await OfferAsync(app, 2), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));
        Assert.Equal("1", (await RedisCluster.CommandAsync(target, "cluster", "countkeysinslot", await RedisCluster.SlotOfAsync(source, key))).Trim());
    }

    [Fact]
    public async Task Host_that_started_before_its_Cluster_sends_everything_when_it_is_there()
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = RedisCluster.NotStarted();
        await using var app = App(cluster, sharded: false);
        foreach (var document in Documents)
            await app.Publisher.PublishAsync(new(document, "extraction", 10));
        await app.Log.WaitForAsync("OutboxWaits");

        await cluster.StartAsync();

        Assert.True(await app.Publisher.FlushAsync(Eventually.Limit));
        Assert.DoesNotContain(await app.Backplane.ReadAsync([.. Documents.Select(document => new Question(document))], TestContext.Current.CancellationToken), state => state is null);
    }

    [Fact]
    public async Task Cluster_that_was_taken_for_a_single_server_gets_what_is_published()
    {
        await using var redis = await MistakenConnection.OpenAsync(await servers.ConfigurationAsync(BackplaneKind.Cluster));
        await using var app = ProgressApp.Create(builder => builder.UseRedis(_ => redis), options => options.Prefix = $"{Guid.NewGuid():N}:");

        foreach (var document in Documents)
            await app.Publisher.PublishAsync(new(document, "extraction", 10));

        Assert.True(await app.Publisher.FlushAsync(Eventually.Limit));
    }

    [Fact]
    public async Task Cluster_that_was_taken_for_a_single_server_is_read()
    {
        await using var redis = await MistakenConnection.OpenAsync(await servers.ConfigurationAsync(BackplaneKind.Cluster));
        await using var app = ProgressApp.Create(builder => builder.UseRedis(_ => redis), options => options.Prefix = $"{Guid.NewGuid():N}:");
        Question[] questions = [.. Documents.Select(document => new Question(document))];

        // Refused, if not for its slots then because of a node that is not known yet.
        await Assert.ThrowsAnyAsync<RedisException>(() => app.Backplane.ReadAsync(questions, TestContext.Current.CancellationToken));

        // It looks again while this reads.
        await Eventually.GetAsync(IsReadAsync, static isRead => isRead, "an answer of all masters");

        async Task<bool> IsReadAsync()
        {
            try
            {
                return (await app.Backplane.ReadAsync(questions, TestContext.Current.CancellationToken)).Length == Documents.Length;
            }
            catch (RedisException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Slots_move_while_streams_are_open_and_every_end_arrives(bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync();
        await using var app = App(cluster, sharded);
        await using var backend = App(cluster, sharded);
        await using var run = await StreamedRun.StartAsync(app, backend, Documents);

        await cluster.ReshardAsync(cluster.Nodes[0], cluster.Nodes[1], 1500);
        await cluster.ReshardAsync(cluster.Nodes[1], cluster.Nodes[2], 1500);

        await run.EndAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Master_dies_its_replica_takes_over_and_every_end_arrives(bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync(withReplica: true);
        await using var app = App(cluster, sharded);
        await using var backend = App(cluster, sharded);
        await using var run = await StreamedRun.StartAsync(app, backend, Documents);

        await cluster.Nodes[0].StopAsync();

        await Eventually.GetAsync(() => RedisCluster.CommandAsync(cluster.Nodes[3], "role"), role => role.StartsWith("master", StringComparison.Ordinal), "the replica as master");
        await run.EndAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backend_that_reads_at_replicas_sees_every_end(bool sharded)
    {
        await servers.ConfigurationAsync(BackplaneKind.Cluster);
        await using var cluster = await RedisCluster.LaunchAsync(withReplica: true);
        await using var app = App(cluster, sharded);
        await using var backend = App(cluster, sharded, atReplica: true);

        await using var run = await StreamedRun.StartAsync(app, backend, Documents);

        await run.EndAsync();
        Assert.Contains("cmdstat_get:", await RedisCluster.CommandAsync(cluster.Nodes[3], "info", "commandstats"), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<OfferOutcome>> OfferAsync(ProgressApp app, long number, params string[] documents)
    {
        OfferGroup group = new() { Retention = TimeSpan.FromHours(24) };
        foreach (var document in documents is [] ? Documents : documents)
            group.Add(OfferKind.Numbered, new(1, number), Offers.Fields(document), publishFull: false);
        await app.Backplane.OfferAsync(group, TestContext.Current.CancellationToken);

        return [.. group.Offers.ToArray().Select(offer => offer.Result.Outcome)];
    }

    /// <summary>How many calls of a script the masters have taken.</summary>
    private static async Task<int> CallsAsync(RedisCluster cluster)
    {
        var statistics = await Task.WhenAll(cluster.Nodes.Select(node => RedisCluster.CommandAsync(node, "info", "commandstats")));
        return statistics.Sum(text => Regex.Matches(text, @"cmdstat_eval(?:sha)?:calls=(\d+),.*failed_calls=(\d+)")
            .Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) - int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    private static ProgressApp App(RedisCluster cluster, bool sharded, bool atReplica = false, bool hasDetails = true) => ProgressApp.Create(
        // As an operator would name a Cluster: any of its nodes may be gone when the host starts.
        builder => builder.UseRedis(string.Join(',', cluster.Nodes.Select(node => node.Configuration)), redis => redis.IncludeDetailInExceptions = hasDetails),
        options => (options.ShardedChannels, options.ReadFromReplica) = (sharded, atReplica));
}

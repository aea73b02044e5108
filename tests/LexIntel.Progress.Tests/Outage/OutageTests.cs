using System.Globalization;
using System.Text.RegularExpressions;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Tests.Tracking;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>Redis stops, restarts empty, freezes, or is not there yet. The job comes first, and the newest state arrives.</summary>
public sealed class OutageTests : IAsyncDisposable
{
    private readonly List<ProgressApp> _apps = [];
    private RedisServer? _redis;

    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _redis?.Resume();
        foreach (var app in _apps)
            await app.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Publisher_redis_stopped_reports_return_and_final_states_arrive_after_an_empty_restart()
    {
        var redis = await StartAsync();
        var worker = App();
        await using var job = worker.Publisher.Start("job");
        await worker.FlushAsync();
        await redis.StopAsync();

        for (var i = 0; i < 100_000; i++)
            job.Report(i / 100_000.0);
        for (var i = 0; i < 1000; i++)
            await worker.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        job.Complete("the job");
        await redis.StartAsync();
        await worker.FlushAsync();

        var end = await App().StoredAsync("job");
        Assert.Equal((ProgressStatus.Completed, "the job"), (end.Status, end.Message));
        var stored = await worker.Backplane.RenewAsync([.. Enumerable.Range(0, 1000).Select(i => $"d{i}")]);
        Assert.All(stored, revision => Assert.NotNull(revision));
        Assert.Empty(worker.Log.Named("PumpFailed"));
    }

    [Fact]
    public async Task Host_redis_is_not_there_yet_publisher_and_reader_heal_by_themselves()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        _redis = RedisServer.NotStarted();
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 10), Stopped);
        await worker.Log.WaitForAsync("OutboxWaits");
        await api.Log.WaitForAsync("Degraded");

        await _redis.StartAsync();

        Assert.Equal(10, (await history.NextAsync()).Percent);
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        Assert.True((await history.EndAsync())[^1].IsTerminal);
    }

    [Fact]
    public async Task Reader_open_across_an_empty_restart_sees_the_newest_state_and_revisions_never_fall()
    {
        var redis = await StartAsync();
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        await using var job = worker.Publisher.Start("a");
        for (var i = 1; i <= 5; i++)
        {
            job.StartStep($"before {i}");
            await worker.FlushAsync();
        }

        await history.UntilAsync(state => state.Step == "before 5", "the state before the restart");
        await redis.StopAsync();
        job.StartStep("meanwhile");
        await redis.StartAsync();
        await worker.FlushAsync();
        await history.UntilAsync(state => state.Step == "meanwhile", "the state of the outage");
        job.Complete();

        var states = await history.EndAsync();
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision, $"{pair.First.Revision} was followed by {pair.Second.Revision}"));
        Assert.Equal(7, states[^1].Steps.Count + 1);
    }

    [Fact]
    public async Task Publisher_data_is_lost_stored_ends_are_offered_again()
    {
        await StartAsync();
        var worker = App(options => options.Lease = TimeSpan.FromSeconds(3));
        worker.Publisher.Start("job").Complete();
        await worker.Publisher.PublishAsync(new ProgressUpdate("plain", "x", 30) { Status = ProgressStatus.Failed }, Stopped);
        var (job, plain) = ((await worker.StoredAsync("job")).Revision, (await worker.StoredAsync("plain")).Revision);
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        await probe.GetServers()[0].FlushAllDatabasesAsync();

        var again = await Eventually.GetAsync(() => worker.Backplane.RenewAsync(["job", "plain"]), revisions => revisions.All(revision => revision is not null), "both ends");

        Assert.Equal([job, plain], again);
    }

    [Fact]
    public async Task Job_data_is_lost_numbers_go_on_above_what_readers_have_seen()
    {
        await StartAsync();
        var worker = App(options => options.Lease = TimeSpan.FromSeconds(3));
        await using var job = worker.Publisher.Start("a");
        for (var i = 0; i < 5; i++)
        {
            job.StartStep($"s{i}");
            await worker.FlushAsync();
        }

        var before = (await worker.StoredAsync("a")).Revision!.Value;
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        await probe.GetServers()[0].FlushAllDatabasesAsync();

        var after = await Eventually.GetAsync(() => worker.Backplane.RenewOneAsync("a"), revision => revision is not null, "the state to be offered again");
        Assert.True(after > before, $"{before} was followed by {after}");
        Assert.Equal(5, (await worker.StoredAsync("a")).Steps.Count);
    }

    [Fact]
    public async Task Job_of_an_old_attempt_that_lives_on_when_data_is_lost_is_seen_by_nobody_and_silenced_again()
    {
        await StartAsync();
        var (one, two) = (App(options => options.Lease = TimeSpan.FromSeconds(3)), App(options => options.Lease = TimeSpan.FromSeconds(3)));
        var api = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200));
        await using var zombie = one.Publisher.Start("a");
        await one.FlushAsync();
        await using var job = two.Publisher.Start("a");
        job.StartStep("the new attempt");
        await two.FlushAsync();
        await using var history = new History(api.Subscriber, "a");
        await history.UntilAsync(state => state.Step == "the new attempt", "the new attempt");
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        await probe.GetServers()[0].FlushAllDatabasesAsync();

        // Nothing is stored that could refuse it, until the lease of the newer attempt is renewed.
        zombie.StartStep("the zombie");
        await zombie.WaitUntilSupersededAsync();

        job.Complete();
        var states = await history.EndAsync();
        Assert.Equal((ProgressStatus.Completed, 2), (states[^1].Status, states[^1].Run));
        Assert.DoesNotContain(states, state => state.Step == "the zombie");
    }

    [Fact]
    public async Task Renewing_10_000_jobs_is_one_command_each_in_few_calls_and_publishes_nothing()
    {
        const int jobs = 10_000;
        await StartAsync();
        var worker = App(options => (options.Lease, options.ShutdownFlush) = (TimeSpan.FromSeconds(3), TimeSpan.Zero));
        for (var i = 0; i < jobs; i++)
            worker.Publisher.Start($"d{i}");
        await worker.FlushAsync();
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        var (messages, reads) = (await CallsAsync(probe, "publish"), await ReadEventsAsync(probe));
        var renewals = await CallsAsync(probe, "getex");

        await Eventually.GetAsync(() => CallsAsync(probe, "getex"), calls => calls >= renewals + jobs, "all leases to be renewed");

        Assert.Equal(messages, await CallsAsync(probe, "publish"));
        // Pipelined: the server finds many commands whenever it reads.
        Assert.InRange(await ReadEventsAsync(probe) - reads, 1, jobs / 2);
    }

    [Fact]
    public async Task Offer_server_is_gone_fails_at_once_instead_of_queueing()
    {
        var redis = await StartAsync();
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", 1764000000000, 1);
        await redis.StopAsync();

        // Whatever is under way when the connection breaks fails by that; what follows finds no connection.
        await Assert.ThrowsAnyAsync<RedisException>(() => backplane.OfferAsync("a", 1764000000000, 2));
        var refused = await Assert.ThrowsAsync<RedisConnectionException>(() => backplane.OfferAsync("a", 1764000000000, 3));
        Assert.Equal(ConnectionFailureType.UnableToResolvePhysicalConnection, refused.FailureType);
        await redis.StartAsync();
        // Nothing that failed is sent later: the first that is taken is the first that the empty server sees.
        var first = await Eventually.GetAsync(() => TryOfferAsync(backplane, 4), static result => result is not null, "the server to be there again");
        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(1764000000000, 4), 1), first);
    }

    [Fact]
    public async Task Publisher_redis_is_frozen_commands_executed_late_change_nothing()
    {
        var redis = await StartAsync();
        var worker = App(options => options.BackplaneTimeout = TimeSpan.FromMilliseconds(300));
        await using var job = worker.Publisher.Start("a");
        job.StartStep("before");
        await worker.FlushAsync();
        redis.Freeze();
        job.StartStep("frozen");
        await worker.Log.WaitForAsync("OutboxWaits");
        job.Complete("the end");
        redis.Resume();
        await worker.FlushAsync();

        var end = await App().StoredAsync("a");
        Assert.Equal((ProgressStatus.Completed, "the end", 1), (end.Status, end.Message, end.Run));
        Assert.Equal(["before", "frozen"], end.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task Reader_redis_is_frozen_degrades_and_recovers()
    {
        var redis = await StartAsync();
        var worker = App();
        var api = App(options => (options.BackplaneTimeout, options.QuietInterval) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)));
        await using var history = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 10), Stopped);
        await history.NextAsync();
        redis.Freeze();
        await api.Log.WaitForAsync("Degraded");
        redis.Resume();

        await api.Log.WaitForAsync("Recovered");
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        Assert.True((await history.EndAsync())[^1].IsTerminal);
    }

    [Fact]
    public async Task Readers_of_1000_documents_use_one_pubsub_connection()
    {
        await StartAsync();
        var api = App();
        var worker = App();
        var histories = Enumerable.Range(0, 1000).Select(i => new History(api.Subscriber, $"d{i}")).ToList();
        await using var probe = await ConnectionMultiplexer.ConnectAsync(_redis!.Configuration + ",allowAdmin=true");
        await Eventually.GetAsync(async () => (await SubscriptionsAsync(probe)).Sum(), count => count >= 1000, "1,000 subscriptions");

        // The client library watches a channel of its own on each of its connections, and the probe one while it runs.
        Assert.InRange(Assert.Single(await SubscriptionsAsync(probe), count => count > 2), 1000, 1002);
        for (var i = 0; i < 1000; i++)
            await worker.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        foreach (var history in histories)
        {
            await history.EndAsync();
            await history.DisposeAsync();
        }
    }

    [Fact]
    public async Task Connections_are_cut_again_and_again_the_end_arrives()
    {
        var redis = await StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        var worker = App();
        var api = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(300), proxy.Configuration);
        await using var history = new History(api.Subscriber, "a");
        await using var job = worker.Publisher.Start("a");
        await history.NextAsync();
        for (var i = 0; i < 5; i++)
        {
            proxy.Cut();
            job.StartStep($"s{i}");
            await worker.FlushAsync();
            await history.UntilAsync(state => state.Step == $"s{i}", $"step {i}");
        }

        proxy.Cut();
        job.Complete();

        var states = await history.EndAsync();
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision));
        Assert.Equal(5, states[^1].Steps.Count);
    }

    private static async Task<OfferResult?> TryOfferAsync(IBackplane backplane, long number)
    {
        try
        {
            return await backplane.OfferAsync("a", 1764000000000, number);
        }
        catch (RedisException)
        {
            return null;
        }
    }

    private async Task<RedisServer> StartAsync()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        return _redis = await RedisServer.LaunchAsync();
    }

    private ProgressApp App(Action<ProgressOptions>? configure = null, string? configuration = null)
    {
        var app = ProgressApp.Create(builder => builder.UseRedis((configuration ?? _redis!.Configuration) + ",connectTimeout=1000"), configure);
        _apps.Add(app);
        return app;
    }

    /// <summary>How often a command was executed, in scripts as well.</summary>
    private static async Task<long> CallsAsync(ConnectionMultiplexer probe, string command) =>
        Number((string)(await probe.GetDatabase().ExecuteAsync("INFO", "commandstats"))!, $"cmdstat_{command}:calls=([0-9]+)");

    private static async Task<long> ReadEventsAsync(ConnectionMultiplexer probe) =>
        Number((string)(await probe.GetDatabase().ExecuteAsync("INFO", "stats"))!, "total_reads_processed:([0-9]+)");

    private static long Number(string info, string pattern) =>
        Regex.Match(info, pattern) is { Success: true } found ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    /// <summary>How many channels each connection of the server is subscribed to.</summary>
    private static async Task<List<int>> SubscriptionsAsync(ConnectionMultiplexer probe)
    {
        var list = (string)(await probe.GetDatabase().ExecuteAsync("CLIENT", "LIST"))!;
        return [.. Regex.Matches(list, " sub=([0-9]+) ").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }
}

using System.Text;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Redis;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using StackExchange.Redis;

namespace LexIntel.Progress.Tests.Twins;

/// <summary>
/// Each mechanism that heals, and what happens without it: a test that passes either way would prove nothing. The twin of reading again is
/// in <see cref="Hub.HealingContract"/>.
/// </summary>
public sealed class NegativeTwinTests : IAsyncLifetime
{
    private readonly List<ProgressApp> _apps = [];
    private RedisServer? _redis;
    private ConnectionMultiplexer? _admin;

    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        _redis = await RedisServer.LaunchAsync();
        _admin = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration + ",allowAdmin=true");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
            await app.DisposeAsync();
        if (_admin is not null)
            await _admin.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fence_zombie_of_an_old_attempt_shows_nothing_only_with_it(bool isOn)
    {
        const string fence = "isGreater(attempt, a)";
        Assert.Contains(fence, RedisScripts.Offer, StringComparison.Ordinal);
        await OfferAsync(RedisScripts.Offer, attempt: 2000, number: 1, "the new attempt");

        await OfferAsync(isOn ? RedisScripts.Offer : RedisScripts.Offer.Replace($"take = {fence}", "take = true", StringComparison.Ordinal), attempt: 1000, number: 99, "the zombie");

        Assert.Equal(isOn ? "the new attempt" : "the zombie", await LateJoinerAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Numbers_of_the_job_command_that_is_executed_late_changes_nothing_only_with_them(bool isOn)
    {
        await OfferAsync(RedisScripts.Offer, attempt: 1000, number: 1, "the beginning");
        await OfferAsync(RedisScripts.Offer, attempt: 1000, number: 3, "the newest");

        // The client gave it up long ago, and offered the newest instead; then the server came to it. "p": the store numbers it.
        await OfferAsync(RedisScripts.Offer, attempt: 1000, number: 2, "the late one", kind: isOn ? "j" : "p");

        Assert.Equal(isOn ? "the newest" : "the late one", await LateJoinerAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Conflation_reader_that_does_not_read_holds_one_state_only_with_it(bool isOn)
    {
        const int updates = 100;
        var (app, _) = App(options => options.PublishInterval = TimeSpan.Zero);
        await using var past = await Messages.OfAsync(app.Backplane, "a");
        var mailbox = new Progress.Hub.Mailbox();
        using var watch = app.Hub.Join("a", mailbox, after: null);
        await watch.Topic.Opened.WithinAsync("the look-up");
        for (var i = 0; i < updates; i++)
        {
            await app.Publisher.PublishAsync(new("a", "x", i), Stopped);
            await app.FlushAsync();
        }

        await Eventually.TrueAsync(() => watch.Topic.Current?.Snapshot.Percent == updates - 1, "the newest state");
        if (isOn)
        {
            Assert.True(mailbox.TryTake(out var delivery));
            Assert.Equal(updates - 1, delivery.State!.Snapshot.Percent);
            Assert.False(mailbox.TryTake(out _));
        }
        else
        {
            // A queue in its place grows with every update.
            await Eventually.TrueAsync(() => past.Count == updates, "every update to be waiting");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Outbox_end_of_an_outage_arrives_only_with_its_retention(bool isOn)
    {
        var (app, backplane) = App(options => options.BackplaneTimeout = TimeSpan.FromMilliseconds(300));
        await using var job = app.Publisher.Start("a");
        await app.FlushAsync();
        backplane.HidesFailures = !isOn;
        _redis!.Freeze();
        // What is in the connection's buffers would be executed late; what a new server gets is only what the outbox has kept.
        job.Complete("the end");
        if (isOn)
            await app.Log.WaitForAsync("OutboxWaits");
        else
            await app.FlushAsync();
        await _redis.StopAsync();
        await _redis.StartAsync();
        backplane.IsBlindToLoss = !isOn;
        var renewals = backplane.Renewals;
        await Eventually.TrueAsync(() => backplane.Renewals >= renewals + 2 || isOn, "two more looks at the store");
        await app.FlushAsync();

        Assert.Equal(isOn, (await ReadAsync("a"))?.Contains("the end", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Numbering_on_after_a_data_loss_readers_see_what_follows_only_with_it(bool isOn)
    {
        var (worker, broken) = App();
        broken.IsNumberedByTheStore = broken.IsBlindToLoss = !isOn;
        var (host, hosts) = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200));
        await using var history = new History(host.Subscriber, "a");
        await using var job = worker.Publisher.Start("a");
        for (var i = 0; i < 5; i++)
        {
            job.StartStep($"before {i}");
            await worker.FlushAsync();
        }

        await history.UntilAsync(state => state.Step == "before 4", "the state before the loss");
        await _admin!.GetServers()[0].FlushAllDatabasesAsync();
        job.StartStep("after");
        await worker.FlushAsync();

        if (isOn)
        {
            await history.UntilAsync(state => state.Step == "after", "the state after the loss");
            return;
        }

        Assert.Contains("\"after\"", await ReadAsync("a"), StringComparison.Ordinal);
        var reads = hosts.Reads;
        await Eventually.TrueAsync(() => hosts.Reads >= reads + 3, "the host to have read it");
        Assert.DoesNotContain(history.States, state => state.Step == "after");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Second_offer_end_that_the_store_forgot_is_there_again_only_with_it(bool isOn)
    {
        var (worker, broken) = App();
        worker.Publisher.Start("a").Complete();
        await worker.FlushAsync();
        broken.IsBlindToLoss = !isOn;
        await _admin!.GetServers()[0].FlushAllDatabasesAsync();

        var renewals = broken.Renewals;
        await Eventually.TrueAsync(() => broken.Renewals >= renewals + 2, "two more looks at the store");
        await worker.FlushAsync();

        Assert.Equal(isOn, (await ReadAsync("a"))?.Contains("\"completed\"", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resubscribing_channel_that_was_lost_silently_delivers_again_only_with_it(bool isOn)
    {
        var (host, broken) = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(200));
        await using var history = new History(host.Subscriber, "a");
        await host.Publisher.PublishAsync(new("a", "x", 10), Stopped);
        await history.UntilAsync(state => state.Percent == 10, "10 %");
        broken.LoseSubscriptions(forGood: !isOn);

        // What is stored comes either way: the document is read again.
        await host.Publisher.PublishAsync(new("a", "x", 20), Stopped);
        await history.UntilAsync(state => state.Percent == 20, "20 %");
        await host.Log.WaitForAsync("MessageMissed");
        // What is only published comes if the channel delivers.
        if (isOn)
        {
            await Eventually.GetAsync(
                async () =>
                {
                    await SendLiveAsync();
                    return history.States;
                },
                states => states.Any(state => state.Message == "live"), "what is only published");
            return;
        }

        var reads = broken.Reads;
        await Eventually.TrueAsync(() => broken.Reads >= reads + 3, "the looks that follow new subscriptions");
        await SendLiveAsync();
        await host.Publisher.PublishAsync(new("a", "x", 30), Stopped);
        await history.UntilAsync(state => state.Percent == 30, "30 %");
        Assert.DoesNotContain(history.States, state => state.Message == "live");
    }

    private Task<long> SendLiveAsync() =>
        _admin!.GetSubscriber().PublishAsync(RedisChannel.Literal("document:a:progress"), """{"message":"live","timestamp":"2099-01-01T00:00:00"}""");

    private (ProgressApp App, BrokenBackplane Backplane) App(Action<ProgressOptions>? configure = null)
    {
        var made = BrokenBackplane.App(_redis!.Configuration, options =>
        {
            (options.Lease, options.ShutdownFlush) = (TimeSpan.FromSeconds(3), TimeSpan.Zero);
            configure?.Invoke(options);
        });
        _apps.Add(made.App);
        return made;
    }

    private async Task<string?> ReadAsync(string documentId) => await _admin!.GetDatabase().StringGetAsync($"document:{documentId}:progress");

    /// <summary>What somebody sees who comes now.</summary>
    private async Task<string> LateJoinerAsync()
    {
        await using var history = new History(App().App.Subscriber, "a");
        return (await history.NextAsync()).Message;
    }

    /// <summary>Offers a state with a script that may have been changed.</summary>
    private async Task OfferAsync(string script, long attempt, long number, string message, string kind = "j")
    {
        var group = new OfferGroup { Retention = TimeSpan.FromHours(1) };
        group.Add(OfferKind.Numbered, new(attempt, number), Offers.Fields("a", message: message), publishFull: true);
        await _admin!.GetDatabase().ScriptEvaluateAsync(
            script, ["document:a:progress"], [3_600_000, kind, group.Full(group.Offers[0]), ""]);
    }
}

using System.Diagnostics.CodeAnalysis;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Hub;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>One subscription per watched document, whoever watches it, and no longer than somebody does.</summary>
[SuppressMessage("Reliability", "CA2000", Justification = "Watches are disposed with the hub.")]
public sealed class HubTests : IAsyncDisposable
{
    private readonly List<ProgressApp> _apps = [];
    private RecordingBackplane? _backplane;

    public async ValueTask DisposeAsync()
    {
        _backplane!.BeforeRead = null;
        foreach (var app in _apps)
            await app.DisposeAsync();
    }

    [Fact]
    public async Task Join_many_readers_of_one_document_share_one_subscription_and_one_read()
    {
        var hub = App().Hub;
        var watches = Enumerable.Range(0, 1000).Select(_ => hub.Join("a", new Mailbox(), null)).ToList();
        await watches[0].Topic.Opened.WithinAsync("the look-up");

        Assert.Equal((1, 1), (_backplane!.Subscriptions, _backplane.Reads));
    }

    [Fact]
    public async Task Join_at_the_same_time_from_many_threads_subscribes_once_each()
    {
        var hub = App().Hub;
        var watches = new System.Collections.Concurrent.ConcurrentBag<Watch>();
        const int Documents = 300;

        for (var i = 0; i < Documents; i++)
        {
            var id = $"d{i}";
            using var barrier = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    watches.Add(hub.Join(id, new Mailbox(), null));
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        }

        await Task.WhenAll(watches.Select(watch => watch.Topic.Opened)).WithinAsync("all look-ups");
        Assert.Equal((Documents, Documents), (hub.TopicCount, _backplane!.Subscriptions));
    }

    [Fact]
    public async Task Join_two_first_readers_at_once_wake_the_hub_that_slept()
    {
        // The hub sleeps while nobody watches. Readers that come at the same moment must wake it, or nothing is ever read again.
        for (var round = 0; round < 50; round++)
        {
            var hub = App(options => (options.QuietInterval, options.Linger) = (TimeSpan.FromMilliseconds(100), TimeSpan.Zero)).Hub;
            using var barrier = new Barrier(2);
            await Task.WhenAll(((string[])["a", "b"]).Select(id => Task.Run(() =>
            {
                barrier.SignalAndWait();
                hub.Join(id, new Mailbox(), null).Dispose();
            })));

            await Eventually.TrueAsync(() => hub.TopicCount == 0, "the hub to let go of what nobody watches", TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public async Task Last_reader_leaves_document_is_unsubscribed_after_the_linger_time()
    {
        var hub = App(options => options.Linger = TimeSpan.FromMilliseconds(300)).Hub;
        var watch = hub.Join("a", new Mailbox(), null);
        await watch.Topic.Opened.WithinAsync("the look-up");
        watch.Dispose();

        Assert.Equal(1, hub.TopicCount);
        await Eventually.TrueAsync(() => hub.TopicCount == 0 && _backplane!.OpenSubscriptions == 0, "the subscription to end");
    }

    [Fact]
    public async Task Reader_that_comes_right_back_finds_the_subscription()
    {
        var hub = App(options => options.Linger = TimeSpan.FromMinutes(1)).Hub;
        using (var first = hub.Join("a", new Mailbox(), null))
            await first.Topic.Opened.WithinAsync("the look-up");
        using var second = hub.Join("a", new Mailbox(), null);

        Assert.True(second.Topic.Opened.IsCompletedSuccessfully);
        Assert.Equal(1, _backplane!.Subscriptions);
    }

    [Fact]
    public async Task Backplane_that_cannot_be_read_degrades_and_recovers()
    {
        var app = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(100));
        _backplane!.BeforeRead = () => throw new TimeoutException("away");
        await using var history = new History(app.Subscriber, "a");
        await app.Log.WaitForAsync("Degraded");
        Assert.Equal("backplane-unavailable", app.Hub.Degradation?.Reason);

        _backplane.BeforeRead = null;
        await app.Publisher.PublishAsync(new("a", "x", 10));

        Assert.Equal(10, (await history.NextAsync()).Percent);
        await app.Log.WaitForAsync("Recovered");
        Assert.Null(app.Hub.Degradation);
    }

    [Fact]
    public async Task GetSnapshotAsync_backplane_cannot_be_read_says_so()
    {
        var app = App();
        _backplane!.BeforeRead = () => throw new TimeoutException("away");

        var error = await Assert.ThrowsAsync<ProgressUnavailableException>(() => app.Subscriber.GetSnapshotAsync("contract-7").AsTask());

        Assert.Contains("'contract-7'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Try again later", error.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(error.InnerException);
    }

    [Fact]
    public async Task SubscribeAsync_after_an_end_that_is_looked_up_late_still_ends()
    {
        var app = App(options => options.QuietInterval = TimeSpan.FromMilliseconds(100));
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed });
        var end = (await app.StoredAsync("a")).Revision;
        _backplane!.BeforeRead = () => throw new TimeoutException("away");
        await using var history = new History(app.Subscriber, "a", end);
        await app.Log.WaitForAsync("Degraded");

        _backplane.BeforeRead = null;

        Assert.Empty(await history.EndAsync());
    }

    [Fact]
    public async Task Quiet_documents_of_which_there_are_many_are_read_again_in_parts()
    {
        const int Documents = 1000;
        var time = new FakeTimeProvider();
        var hub = App(time: time).Hub;
        var watches = Enumerable.Range(0, Documents).Select(i => hub.Join($"d{i}", new Mailbox(), null)).ToList();
        await Task.WhenAll(watches.Select(watch => watch.Topic.Opened)).WithinAsync("all look-ups");
        // Time stands still while a part of the round is made, so the calls of one bear the same time.
        var calls = new System.Collections.Concurrent.ConcurrentQueue<long>();
        _backplane!.BeforeRead = () =>
        {
            calls.Enqueue(time.GetTimestamp());
            return Task.CompletedTask;
        };
        var before = _backplane.Reads;
        time.Advance(new ProgressOptions().QuietInterval);

        var last = -1;
        await Eventually.TrueAsync(
            () =>
            {
                if (_backplane.Reads == last)
                    time.Advance(TimeSpan.FromMilliseconds(50));
                last = _backplane.Reads;
                return last - before >= Documents;
            },
            "all to be read again");

        // A quarter of them: 250, in calls of 100.
        Assert.All(calls.GroupBy(static at => at), static part => Assert.InRange(part.Count(), 1, 3));
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(15, 300)]
    public async Task Job_whose_lease_is_shorter_than_the_quiet_interval_stalls_when_its_worker_dies(int lease, int quietInterval)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var app = App(options => options.QuietInterval = TimeSpan.FromSeconds(quietInterval), time);
        var fields = Offers.Fields("a", steps: [], lease: TimeSpan.FromSeconds(lease), retention: TimeSpan.FromHours(25));
        await app.Backplane.OfferAsync(OfferKind.Numbered, new(1764000000000, 1), fields);
        var topic = app.Hub.Join("a", new Mailbox(), null).Topic;
        await topic.Opened.WithinAsync("the look-up");
        await app.Backplane.OfferAsync(OfferKind.Numbered, new(1764000000000, 2), fields, publishFull: true);
        Assert.Null(topic.StalledSince);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return topic.StalledSince is not null;
            },
            "a worker that gives no sign of life");
    }

    [Fact]
    public async Task Mailbox_reader_that_never_reads_holds_one_state()
    {
        var app = App(options => options.PublishInterval = TimeSpan.Zero);
        var mailbox = new Mailbox();
        using var watch = app.Hub.Join("a", mailbox, null);
        await watch.Topic.Opened.WithinAsync("the look-up");
        for (var i = 0; i < 100; i++)
        {
            await app.Publisher.PublishAsync(new("a", "x", i));
            await app.FlushAsync();
        }

        Assert.True(mailbox.TryTake(out var delivery));
        Assert.Equal((99, true), (delivery.State!.Snapshot.Percent, delivery.Full));
        Assert.False(mailbox.TryTake(out _));
    }

    [Fact]
    public async Task Mailbox_first_delivery_is_full_then_short_then_full_after_a_skipped_state()
    {
        var app = App(options => options.PublishInterval = TimeSpan.Zero);
        var mailbox = new Mailbox();
        using var watch = app.Hub.Join("a", mailbox, null);
        await watch.Topic.Opened.WithinAsync("the look-up");
        List<bool> forms = [];
        for (var i = 0; i < 4; i++)
        {
            await app.Publisher.PublishAsync(new("a", "x", i));
            await app.FlushAsync();
            if (i != 2 && mailbox.TryTake(out var delivery))
                forms.Add(delivery.Full);
        }

        Assert.Equal([true, false, true], forms);
    }

    private ProgressApp App(Action<ProgressOptions>? configure = null, TimeProvider? time = null)
    {
        var app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider => _backplane = new(
                new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), TimeProvider.System), TimeProvider.System))),
            configure, time);
        _ = app.Backplane;
        _apps.Add(app);
        return app;
    }
}

using System.Collections;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>When updates are sent, by a clock that only the test moves.</summary>
public sealed class PumpTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly JumpingTime _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly List<ProgressApp> _apps = [];
    private RecordingBackplane? _backplane;

    public async ValueTask DisposeAsync()
    {
        _backplane!.BeforeOffer = null;
        foreach (var app in _apps)
        {
            var disposing = app.DisposeAsync().AsTask();
            // A flush that cannot succeed ends by the test's clock.
            await Eventually.TrueAsync(
                () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    return disposing.IsCompleted;
                },
                "disposal");
        }
    }

    [Fact]
    public async Task First_report_is_sent_at_once()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));

        await SentAsync(1);
    }

    [Fact]
    public async Task Reports_within_the_interval_are_sent_as_one_at_its_end()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        for (var percent = 2; percent <= 50; percent++)
            await app.Publisher.PublishAsync(new("a", "x", percent));
        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        await SettleAsync(app);
        Assert.Equal([1, 77], Sent);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        await SentAsync(1, 50);
    }

    [Fact]
    public async Task Flood_of_reports_is_sent_at_most_once_per_interval_and_the_last_is_sent()
    {
        var app = App();
        await using var job = app.Publisher.Start("a");
        await Eventually.TrueAsync(() => Sent.Count == 1, "the beginning");
        for (var i = 1; i <= 990; i++)
        {
            job.Report(i / 1000.0);
            if (i % 3 == 0)
                _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return Sent[^1] == 99;
            },
            "the last report");
        // Only an upper bound: how fast the pump follows the test's clock is up to the machine.
        Assert.InRange(Sent.Count, 2, 2 + (int)((_time.GetUtcNow() - _time.Start) / Interval));
    }

    [Fact]
    public async Task Change_of_step_does_not_wait()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "one", 1));
        await SentAsync(1);
        await app.Publisher.PublishAsync(new("a", "two", 2));

        await SentAsync(1, 2);
    }

    [Fact]
    public async Task Update_after_a_long_silence_goes_on_with_the_list_of_steps()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "one", 1));
        await app.Publisher.PublishAsync(new("a", "two", 2));
        var before = (await app.StoredAsync("a")).Steps;
        _time.Advance(TimeSpan.FromMinutes(70));
        await SettleAsync(app);

        await app.Publisher.PublishAsync(new("a", "two", 3));
        Assert.Equal(before, (await app.StoredAsync("a")).Steps);
        _time.Advance(TimeSpan.FromMinutes(70));
        await SettleAsync(app);
        await app.Publisher.PublishAsync(new("a", "three", 4));
        Assert.Equal(["one", "two", "three"], (await app.StoredAsync("a")).Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task Documents_of_which_only_the_steps_are_kept_do_not_count_as_waiting()
    {
        var app = App();
        using var measured = new Measurements(app.Services);
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await app.FlushAsync();
        Assert.Equal(1, measured["outbox.documents"]);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.TrueAsync(() => measured["outbox.documents"] == 0, "the document at rest");

        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed });
        await app.FlushAsync();

        Assert.Equal(1, measured["outbox.documents"]);
    }

    [Fact]
    public async Task Change_of_step_of_a_job_does_not_wait()
    {
        var app = App();
        await using var job = app.Publisher.Start("a", ProgressPlan.Equal("one", "two"));
        await SentAsync(0);
        job.StartStep("two");

        await SentAsync(0, 50);
    }

    [Fact]
    public async Task Report_after_a_change_of_step_waits_for_the_interval_since_that()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await AtAsync(10, new("a", "x", 2));
        await AtAsync(20, new("a", "y", 3));
        await SentAsync(1, 3);
        await AtAsync(30, new("a", "y", 4));
        // What was reported before the step changed would have been due now.
        await AtAsync(100);
        await AtAsync(110, new("a", "y", 5));
        await AtAsync(120);

        await SentAsync(1, 3, 5);
        Assert.Equal([(1, 0), (3, 20), (5, 120)], SentOf("a"));

        async Task AtAsync(int milliseconds, ProgressUpdate? update = null)
        {
            _time.SetUtcNow(_time.Start.AddMilliseconds(milliseconds));
            if (update is not null)
                await app.Publisher.PublishAsync(update);
            await SettleAsync(app);
        }
    }

    [Fact]
    public async Task Report_while_a_change_of_step_is_under_way_is_sent_after_the_interval_since_that()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await SettleAsync(app);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        var hold = Hold();
        await app.Publisher.PublishAsync(new("a", "y", 2));
        await SentAsync(1, 2);
        await app.Publisher.PublishAsync(new("a", "y", 3));
        await SettleAsync(app);
        hold.SetResult();
        await SettleAsync(app);
        _time.Advance(TimeSpan.FromMilliseconds(80));
        await SettleAsync(app);
        _time.Advance(TimeSpan.FromMilliseconds(20));

        await SentAsync(1, 2, 3);
        Assert.Equal([(1, 0), (2, 20), (3, 120)], SentOf("a"));
    }

    [Fact]
    public async Task Terminal_state_does_not_wait()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed });

        await SentAsync(1, 100);
    }

    [Fact]
    public async Task End_of_a_job_does_not_wait()
    {
        var app = App();
        await using var job = app.Publisher.Start("a");
        await SentAsync(0);
        job.Complete();

        await SentAsync(0, 100);
    }

    [Fact]
    public async Task FlushAsync_sends_what_waits_for_its_interval()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await app.Publisher.PublishAsync(new("a", "x", 2));

        await app.FlushAsync();

        Assert.Equal([1, 2], Sent);
    }

    [Fact]
    public async Task FlushAsync_limit_comes_first_is_false_and_nothing_is_lost()
    {
        var app = App();
        var hold = Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        var flush = app.Publisher.FlushAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await flush.WithinAsync("the limit"));

        hold.SetResult();
        await app.FlushAsync();

        Assert.Equal(1, (await app.StoredAsync("a")).Percent);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(10_675_199)]
    public async Task FlushAsync_limit_beyond_what_a_timer_counts_waits_until_all_is_stored(int days)
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));

        Assert.True(await app.Publisher.FlushAsync(TimeSpan.FromDays(days)).WithinAsync("the flush"));
    }

    [Fact]
    public async Task FlushAsync_cancelled_ends_the_wait()
    {
        var app = App();
        Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        using var stop = new CancellationTokenSource();
        var flush = app.Publisher.FlushAsync(Timeout.InfiniteTimeSpan, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WithinAsync("the cancellation"));
    }

    [Fact]
    public async Task FlushAsync_that_waits_for_ever_ends_with_the_publisher()
    {
        var app = App();
        Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        var flush = app.Publisher.FlushAsync(Timeout.InfiniteTimeSpan);
        var disposing = app.DisposeAsync().AsTask();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return disposing.IsCompleted;
            },
            "disposal");

        Assert.False(await flush.WithinAsync("the end of the wait"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FlushAsync_after_disposal_says_at_once_whether_all_was_stored(bool isStored)
    {
        var app = App();
        var publisher = app.Publisher;
        var hold = Hold();
        await publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        if (isStored)
            hold.SetResult();
        var disposing = app.DisposeAsync().AsTask();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return disposing.IsCompleted;
            },
            "disposal");

        Assert.Equal(isStored, await publisher.FlushAsync(Timeout.InfiniteTimeSpan).WithinAsync("the answer"));
    }

    [Fact]
    public async Task Documents_that_gather_during_calls_travel_together_ends_first()
    {
        var app = App();
        var hold = await OccupyAsync(app);
        for (var i = 0; i < 120; i++)
            await app.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 10) { Status = i >= 110 ? ProgressStatus.Completed : ProgressStatus.Processing });
        var calls = 0;
        _backplane!.BeforeOffer = () =>
        {
            Interlocked.Increment(ref calls);
            return Task.CompletedTask;
        };
        hold.SetResult();
        await app.FlushAsync();

        Assert.Equal(2, calls);
        Assert.All(_backplane.Offers.Skip(2).Take(10), offer => Assert.Equal("completed", offer.Status));
    }

    [Fact]
    public async Task Call_that_fails_is_repeated_with_the_newest_state()
    {
        var app = App();
        _backplane!.BeforeOffer = () => throw new TimeoutException("away");
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await app.Log.WaitForAsync("OutboxWaits");
        await app.Publisher.PublishAsync(new("a", "x", 2));
        _backplane.BeforeOffer = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await app.FlushAsync();

        Assert.Equal(2, (await app.StoredAsync("a")).Percent);
        Assert.Single(app.Log.Named("OutboxGoesOn"));
        Assert.Single(app.Log.Named("OutboxWaits"));
    }

    [Fact]
    public async Task Call_that_never_returns_fails_by_its_timeout()
    {
        var app = App();
        Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await Eventually.TrueAsync(() => Sent.Count == 1, "the call that is held");
        _backplane!.BeforeOffer = null;

        _time.Advance(TimeSpan.FromSeconds(5));

        await app.Log.WaitForAsync("OutboxWaits");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, (await app.StoredAsync("a")).Percent);
    }

    [Fact]
    public async Task Part_of_the_store_is_away_the_others_documents_do_not_wait_and_its_own_are_tried_once_a_second()
    {
        var app = App();
        _backplane!.IsAway = document => document == "away";
        var hold = await OccupyAsync(app);
        await app.Publisher.PublishAsync(new("away", "x", 1));
        await app.Publisher.PublishAsync(new("here", "x", 1));
        hold.SetResult();
        _backplane.BeforeOffer = null;
        await Eventually.TrueAsync(() => Of("here") == 1 && Of("away") > 0, "both offers");
        await SettleAsync(app);
        var tries = Of("away");

        for (var i = 2; i <= 6; i++)
        {
            _time.Advance(Interval);
            await app.Publisher.PublishAsync(new("here", "x", i));
            await Eventually.TrueAsync(() => Of("here") == i, $"update {i} of the document that is not away");
        }

        Assert.Equal(tries, Of("away"));
        _backplane.IsAway = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await app.FlushAsync();
        Assert.Equal(tries + 1, Of("away"));
        Assert.Single(app.Log.Named("OutboxWaits"));

        int Of(string document) => _backplane.Offers.Count(offer => offer.DocumentId == document);
    }

    [Fact]
    public async Task Clock_passes_the_moment_while_the_timer_for_it_is_set_the_report_is_sent()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await SettleAsync(app);
        _time.BeforeSetting = wait =>
        {
            if (wait > Interval || wait == Timeout.InfiniteTimeSpan)
                return;
            _time.BeforeSetting = null;
            _time.Advance(Interval);
        };

        await app.Publisher.PublishAsync(new("a", "x", 2));

        await SentAsync(1, 2);
    }

    [Fact]
    public async Task Second_document_does_not_wait_for_the_answer_about_the_first()
    {
        var app = App();
        var hold = Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);

        await app.Publisher.PublishAsync(new("b", "x", 2));

        await SentAsync(1, 2);
        hold.SetResult();
        await app.FlushAsync();
    }

    [Fact]
    public async Task Document_whose_offer_is_under_way_waits_for_its_answer()
    {
        var app = App();
        var hold = Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await SentAsync(1);
        await app.Publisher.PublishAsync(new("a", "y", 2));
        await SettleAsync(app);
        Assert.Equal([1, 77], Sent);

        hold.SetResult();

        await SentAsync(1, 2);
        await app.FlushAsync();
        Assert.Equal(2, (await app.Subscriber.GetSnapshotAsync("a"))!.Percent);
    }

    [Fact]
    public async Task Flush_during_an_offer_waits_for_it_and_for_what_came_after()
    {
        var app = App();
        var hold = Hold();
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await app.Publisher.PublishAsync(new("b", "x", 2));
        await Eventually.TrueAsync(() => Sent.Count == 2, "both offers");
        await app.Publisher.PublishAsync(new("b", "y", 3));

        var flush = app.Publisher.FlushAsync(TimeSpan.FromMinutes(1));
        Assert.False(flush.IsCompleted);
        hold.SetResult();

        Assert.True(await flush.WithinAsync("the flush"));
        Assert.Equal((1, 3), ((await app.Subscriber.GetSnapshotAsync("a"))!.Percent, (await app.Subscriber.GetSnapshotAsync("b"))!.Percent));
    }

    [Fact]
    public async Task Backplane_is_away_one_call_at_a_time_tries_it()
    {
        var app = App();
        _backplane!.BeforeOffer = static () => throw new TimeoutException("away");
        await app.Publisher.PublishAsync(new("a", "x", 1));
        await Eventually.TrueAsync(() => app.Log.Named("OutboxWaits").Count == 1, "the first failure");
        var (calls, most, tries) = (0, 0, 0);
        _backplane.BeforeOffer = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref calls));
            await Task.Yield();
            Interlocked.Decrement(ref calls);
            Interlocked.Increment(ref tries);
            throw new TimeoutException("away");
        };

        for (var i = 1; i <= 200; i++)
            await app.Publisher.PublishAsync(new($"other-{i}", "x", i / 2.0));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Volatile.Read(ref tries) >= 10;
            },
            "ten tries");

        Assert.Equal(1, most);
        _backplane.BeforeOffer = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await app.FlushAsync();
    }

    [Fact]
    public async Task State_that_cannot_be_written_is_dropped_and_the_next_one_is_sent()
    {
        var app = App();
        var hold = await OccupyAsync(app);
        BrokenSteps steps = new();
        await using var job = app.Publisher.Start("a", null, new() { Continue = new() { DocumentId = "a", Attempt = 1, Number = 1, Steps = steps } });
        steps.IsBroken = true;
        hold.SetResult();
        await app.FlushAsync();
        Assert.Contains(app.Log.Named("UpdateImpossible"), message => message.Text.Contains("'a'", StringComparison.Ordinal));
        steps.IsBroken = false;

        job.Report(0.5);

        Assert.Equal(50, (await app.StoredAsync("a")).Percent);
    }

    [Fact]
    public async Task End_that_cannot_be_written_leaves_the_outbox()
    {
        var app = App();
        using var measured = new Measurements(app.Services);
        BrokenSteps steps = new();
        await using var job = app.Publisher.Start("a", null, new() { Continue = new() { DocumentId = "a", Attempt = 1, Number = 1, Steps = steps } });
        await app.FlushAsync();
        steps.IsBroken = true;
        job.HandOver();
        await app.FlushAsync();

        Assert.Equal([0, 1], [measured["outbox.documents"], measured["updates.dropped{reason=impossible}"]]);
    }

    private List<double> Sent => [.. _backplane!.Offers.Select(offer => offer.Progress)];

    private ProgressApp App(Action<ProgressOptions>? configure = null)
    {
        var app = ProgressApp.Create(
            builder => builder.Services.AddMetrics().Replace(ServiceDescriptor.Singleton<IBackplane>(
                provider => _backplane = new(new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), _time), _time))),
            configure, _time);
        _ = app.Backplane;
        _apps.Add(app);
        return app;
    }

    private TaskCompletionSource Hold()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _backplane!.BeforeOffer = () => hold.Task;
        return hold;
    }

    /// <summary>Holds as many calls as the pump has: what is published now gathers, and travels together when they are let go.</summary>
    private async Task<TaskCompletionSource> OccupyAsync(ProgressApp app)
    {
        var hold = Hold();
        for (var calls = 1; calls <= 2; calls++)
        {
            await app.Publisher.PublishAsync(new ProgressUpdate($"occupied-{calls}", "x", 77));
            await Eventually.TrueAsync(() => Sent.Count == calls, $"call {calls} that is held");
        }

        return hold;
    }

    /// <summary>A round of the pump that is certainly over: another document was sent after everything before.</summary>
    private async Task SettleAsync(ProgressApp app)
    {
        var other = $"other-{Guid.NewGuid()}";
        await app.Publisher.PublishAsync(new ProgressUpdate(other, "x", 77));
        await Eventually.TrueAsync(() => _backplane!.Offers.Any(offer => offer.DocumentId == other), "the other document");
    }

    /// <summary>What was sent of a document, each with the milliseconds since the test began.</summary>
    private IEnumerable<(double Percent, double At)> SentOf(string document) =>
        _backplane!.Offers.Where(offer => offer.DocumentId == document).Select(offer => (offer.Progress, (offer.At - _time.Start).TotalMilliseconds));

    private async Task SentAsync(params double[] percents) =>
        await Eventually.TrueAsync(() => Sent.Where(percent => percent != 77).SequenceEqual(percents), $"offers of {string.Join(", ", percents)}");

    /// <summary>A list that somebody changes while it is read.</summary>
    private sealed class BrokenSteps : IReadOnlyList<ProgressStep>
    {
        private readonly ProgressStep _step = new("x", ProgressStatus.Completed, DateTimeOffset.UnixEpoch, TimeSpan.Zero);

        public bool IsBroken { get; set; }

        public int Count => 1;

        public ProgressStep this[int index] => IsBroken ? throw new InvalidOperationException("The list was changed.") : _step;

        public IEnumerator<ProgressStep> GetEnumerator()
        {
            yield return this[0];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A clock that a test can move between the moment a timer's wait is computed and the moment it is set.</summary>
    private sealed class JumpingTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        /// <summary>Called with the wait before each timer is set anew.</summary>
        public Action<TimeSpan>? BeforeSetting { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(JumpingTime time, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.BeforeSetting?.Invoke(dueTime);
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}

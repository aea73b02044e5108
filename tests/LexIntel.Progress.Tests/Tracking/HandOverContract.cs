using LexIntel.Progress.Backplane;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>One attempt through several jobs, perhaps in several processes: one bar, one stream.</summary>
public abstract class HandOverContract(SharedServers servers) : BackplaneTest(servers)
{
    private static readonly ProgressPlan Plan = new(("extraction", 3), ("embedding", 1));

    [Fact]
    public async Task HandOver_document_stays_processing_without_lease()
    {
        var app = App();
        await HandOverAsync(app);

        var state = await app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Processing, 75, "extraction"), (state.Status, state.Percent, state.Step));
        Assert.DoesNotContain("lease", await app.Backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrackAsync_work_hands_over_document_is_not_completed()
    {
        var app = App();
        var attempt = await app.Publisher.TrackAsync("a", Plan, (job, _) => Task.FromResult(job.HandOver()));

        Assert.Equal(ProgressStatus.Processing, (await app.StoredAsync("a")).Status);
        Assert.Equal("a", attempt.DocumentId);
    }

    [Fact]
    public async Task Continue_in_another_process_goes_on_with_the_same_attempt_plan_and_bar()
    {
        var (one, two) = (App(), App());
        var text = (await HandOverAsync(one)).ToString();
        await one.FlushAsync();
        var before = await two.StoredAsync("a");

        await two.Publisher.TrackAsync("a", null, (job, _) =>
        {
            job.StartStep("embedding");
            job.Report(0.5);
            return Task.CompletedTask;
        }, new() { Continue = ProgressAttempt.Parse(text) });

        var end = await one.UntilAsync("a", state => state.IsTerminal);
        Assert.Equal(before.Revision!.Value.Attempt, end.Revision!.Value.Attempt);
        Assert.True(end.Revision > before.Revision);
        Assert.Equal((ProgressStatus.Completed, 100, 1), (end.Status, end.Percent, end.Run));
        Assert.Equal([("extraction", ProgressStatus.Completed), ("embedding", ProgressStatus.Completed)], end.Steps.Select(step => (step.Name, step.Status)));
    }

    [Fact]
    public async Task Continue_in_the_middle_of_a_step_moves_the_bar_inside_it()
    {
        var app = App();
        await using var first = app.Publisher.Start("a", Plan);
        first.StartStep("extraction");
        first.Report(0.5);
        await using var second = app.Publisher.Start("a", null, new() { Continue = first.HandOver() });
        Assert.Equal(37.5, second.Percent);

        second.Report(0.75);

        Assert.Equal(56.25, second.Percent);
    }

    [Fact]
    public async Task Continue_reader_sees_one_rising_bar_to_one_end()
    {
        var (one, two) = (App(), App());
        await using var history = new History(two.Subscriber, "a");
        var attempt = await HandOverAsync(one);
        await one.FlushAsync();
        await using var next = two.Publisher.Start("a", null, new() { Continue = attempt });
        next.StartStep("embedding");
        await two.FlushAsync();
        next.Report(0.5);
        await two.FlushAsync();
        next.Complete();

        var states = await history.EndAsync();
        Assert.Equal(states.OrderBy(state => state.Percent).Select(state => state.Revision), states.Select(state => state.Revision));
        Assert.Equal(1, states.Count(state => state.IsTerminal));
        Assert.Single(states.Select(state => state.Revision!.Value.Attempt).Distinct());
    }

    [Fact]
    public async Task Continue_before_the_first_job_was_stored_is_above_it()
    {
        var (one, two) = (App(), App());
        await using var first = one.Publisher.Start("a", Plan);
        var attempt = first.HandOver();
        await using var second = two.Publisher.Start("a", null, new() { Continue = attempt });
        second.Complete("second");
        await two.FlushAsync();
        await one.FlushAsync();

        Assert.Equal((ProgressStatus.Completed, "second"), ((await one.StoredAsync("a")).Status, (await one.StoredAsync("a")).Message));
    }

    [Fact]
    public async Task Continue_in_the_same_process_does_not_supersede()
    {
        var app = App();
        await using var first = app.Publisher.Start("a", Plan);
        var attempt = first.HandOver();
        await using var second = app.Publisher.Start("a", null, new() { Continue = attempt });
        second.Complete("second");

        Assert.Equal("second", (await app.StoredAsync("a")).Message);
        Assert.False(first.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task Continue_of_an_attempt_whose_beginning_has_moved_since_goes_on_with_it()
    {
        RecordingBackplane? slow = null;
        var store = App();
        var app = App(more: builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(slow = new(store.Backplane, TimeProvider.System))));
        var ahead = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 2000;
        await store.Backplane.OfferAsync("a", ahead, 1, ProgressStatus.Retrying);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        slow!.BeforeOffer = () => hold.Task;
        await using var first = app.Publisher.Start("a", Plan);
        await Eventually.TrueAsync(() => slow.Offers.Count == 1, "the offer that is held");
        var attempt = first.HandOver();
        hold.SetResult();
        await app.FlushAsync();

        await using var second = app.Publisher.Start("a", null, new() { Continue = attempt });
        second.Complete("second");

        await app.FlushAsync();
        var end = await store.StoredAsync("a");
        Assert.Equal(("second", ahead + 1), (end.Message, end.Revision!.Value.Attempt));
        Assert.False(second.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task Continue_after_another_process_had_it_goes_on_behind_its_numbers()
    {
        var (one, two) = (App(), App());
        var there = await HandOverAsync(one);
        await one.FlushAsync();
        await using var second = two.Publisher.Start("a", null, new() { Continue = there });
        for (var i = 0; i < 5; i++)
        {
            second.StartStep($"step {i}");
            await two.FlushAsync();
        }

        var back = second.HandOver();
        await two.FlushAsync();
        await using var third = one.Publisher.Start("a", null, new() { Continue = back });

        var next = third.HandOver();

        Assert.Equal((back.Attempt, back.Number + 1), (next.Attempt, next.Number));
    }

    [Fact]
    public async Task Continue_of_an_attempt_that_a_newer_one_replaced_is_superseded()
    {
        var (one, two) = (App(), App());
        var attempt = await HandOverAsync(one);
        await one.FlushAsync();
        await using var rival = two.Publisher.Start("a");
        rival.Report(0.1, "rival");
        await two.FlushAsync();

        await using var late = one.Publisher.Start("a", null, new() { Continue = attempt });
        late.Complete("late");

        await one.FlushAsync();
        Assert.Equal("rival", (await two.StoredAsync("a")).Message);
    }

    [Fact]
    public async Task Continue_that_was_delivered_late_does_not_silence_the_newer_attempt_of_its_process()
    {
        var app = App();
        var attempt = await HandOverAsync(app);
        await app.FlushAsync();
        await using var newer = app.Publisher.Start("a");

        await using var late = app.Publisher.Start("a", null, new() { Continue = attempt });
        late.Complete("late");
        newer.Report(0.5, "newer");
        await app.FlushAsync();

        Assert.Equal("newer", (await app.StoredAsync("a")).Message);
        Assert.True(late.Superseded.IsCancellationRequested);
        Assert.False(newer.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task HandOver_watched_document_is_not_stalled_when_the_lease_would_be_over()
    {
        var app = App(options => (options.Lease, options.QuietInterval) = (TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100)));
        await using var history = new History(app.Subscriber, "a");
        // Without steps the handed-over state has nothing that only a full state has.
        await using (var job = app.Publisher.Start("a"))
        {
            await history.NextAsync();
            job.Report(0.5);
            job.HandOver();
            await app.FlushAsync();
        }

        await history.UntilAsync(state => state.Percent == 50, "the handed-over state");
        var state = Assert.IsType<Progress.Hub.Reading>(await app.Hub.ReadAsync("a")).State!;
        Assert.Equal(TimeSpan.Zero, state.Lease);
    }

    [Fact]
    public async Task HandOver_of_an_ended_job_says_what_to_do()
    {
        await using var job = App().Publisher.Start("a");
        job.Complete();

        var error = Assert.Throws<InvalidOperationException>(job.HandOver);

        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains("before Complete()", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continue_of_another_document_is_refused()
    {
        var app = App();
        var attempt = await HandOverAsync(app);

        var error = Assert.Throws<ArgumentException>(() => { app.Publisher.Start("b", null, new() { Continue = attempt }); });

        Assert.Contains("'a', not of 'b'", error.Message, StringComparison.Ordinal);
    }

    private static async Task<ProgressAttempt> HandOverAsync(ProgressApp app)
    {
        await using var job = app.Publisher.Start("a", Plan);
        job.StartStep("extraction");
        job.Report(1);
        await app.FlushAsync();
        return job.HandOver();
    }
}

public sealed class InProcessHandOverTests(SharedServers servers) : HandOverContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetHandOverTests(SharedServers servers) : HandOverContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisHandOverTests(SharedServers servers) : HandOverContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

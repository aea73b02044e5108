using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Tracking;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>How long it may still take.</summary>
public sealed class EstimateTests
{
    [Fact]
    public void Remaining_steady_work_is_what_is_left_at_its_speed()
    {
        var estimate = new Estimate(0);
        TimeSpan? remaining = null;
        for (var second = 1; second <= 25; second++)
            remaining = estimate.Remaining(TimeSpan.FromSeconds(second), second);

        Assert.InRange(remaining!.Value.TotalSeconds, 74, 76);
    }

    [Theory]
    [InlineData(1.9, 50)]
    [InlineData(60, 0.9)]
    [InlineData(0, 0)]
    public void Remaining_too_little_to_go_by_is_null(double seconds, double percent) =>
        Assert.Null(new Estimate(0).Remaining(TimeSpan.FromSeconds(seconds), percent));

    [Fact]
    public void Remaining_longer_than_a_day_is_not_shown() => Assert.Null(new Estimate(0).Remaining(TimeSpan.FromHours(2), 1));

    [Fact]
    public void Remaining_at_the_end_is_zero() => Assert.Equal(TimeSpan.Zero, new Estimate(0).Remaining(TimeSpan.FromSeconds(10), 100));

    [Fact]
    public void Remaining_of_continued_work_counts_only_what_this_job_did() =>
        Assert.Equal(10, new Estimate(80).Remaining(TimeSpan.FromSeconds(10), 90)!.Value.TotalSeconds, 1);

    [Fact]
    public void Remaining_after_a_jump_follows_calmly()
    {
        var estimate = new Estimate(0);
        for (var second = 1; second <= 20; second++)
            estimate.Remaining(TimeSpan.FromSeconds(second), second);

        // 21 seconds for 50 %: the new average says 21 s, the old speed 50 s.
        Assert.InRange(estimate.Remaining(TimeSpan.FromSeconds(21), 50)!.Value.TotalSeconds, 15, 50);
    }

    [Fact]
    public void Remaining_when_work_gets_slower_grows()
    {
        var estimate = new Estimate(0);
        for (var second = 1; second <= 20; second++)
            estimate.Remaining(TimeSpan.FromSeconds(second), second * 2);
        var before = estimate.Remaining(TimeSpan.FromSeconds(20.5), 41)!.Value;
        TimeSpan after = default;
        for (var second = 21; second <= 60; second++)
            after = estimate.Remaining(TimeSpan.FromSeconds(second), 41 + ((second - 20) * 0.1))!.Value;

        Assert.True(after > before * 1.5, $"{before} was followed by {after}");
    }

    [Fact]
    public async Task Job_step_that_was_skipped_is_not_taken_for_work_that_was_done()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var app = ProgressApp.Create(time: time);
        await using var job = app.Publisher.Start("a", ProgressPlan.Equal("extraction", "embedding"));
        job.StartStep("embedding");
        for (var second = 1; second <= 10; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            job.Report(second * 0.005);
            await app.FlushAsync();
        }

        Assert.InRange((await app.StoredAsync("a")).Remaining!.Value.TotalSeconds, 150, 250);
    }

    [Fact]
    public async Task Job_step_that_was_skipped_later_leaves_the_speed()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var app = ProgressApp.Create(time: time);
        await using var job = app.Publisher.Start("a", ProgressPlan.Equal("one", "two", "three", "four"));
        await RunAsync("one");
        await RunAsync("three");

        // 2.5 % a second: 25 % are left after each of the steps that were not skipped.
        Assert.InRange((await app.StoredAsync("a")).Remaining!.Value.TotalSeconds, 9, 11);

        async Task RunAsync(string step)
        {
            job.StartStep(step);
            for (var second = 1; second <= 10; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                job.Report(second * 0.1);
                await app.FlushAsync();
            }
        }
    }

    [Fact]
    public async Task Job_that_only_starts_steps_goes_by_those_that_are_over()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var app = ProgressApp.Create(time: time);
        await using var job = app.Publisher.Start("a", ProgressPlan.Equal("one", "two"));
        job.StartStep("one");
        time.Advance(TimeSpan.FromSeconds(10));
        job.StartStep("two");

        Assert.Equal(TimeSpan.FromSeconds(10), (await app.StoredAsync("a")).Remaining);
    }

    [Fact]
    public async Task Job_publishes_the_remaining_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var app = ProgressApp.Create(time: time);
        await using var job = app.Publisher.Start("a");
        time.Advance(TimeSpan.FromSeconds(10));
        job.Report(0.25);

        Assert.Equal(TimeSpan.FromSeconds(30), (await app.StoredAsync("a")).Remaining);
    }
}

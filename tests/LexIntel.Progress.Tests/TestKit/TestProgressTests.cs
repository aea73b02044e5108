using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.TestKit;

/// <summary>Progress for tests of others.</summary>
public sealed class TestProgressTests
{
    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reported_many_reports_in_one_interval_holds_each_of_them()
    {
        await using var progress = new TestProgress(configure: options => options.PublishInterval = TimeSpan.FromMinutes(1));
        await using var job = progress.Start("a");

        for (var i = 1; i <= 900; i++)
            job.Report(i / 1000.0);

        Assert.Equal(900, progress.Reported("a").Count);
        Assert.Equal(progress.Reported("a").OrderBy(state => state.Percent), progress.Reported("a"));
    }

    [Fact]
    public async Task Reported_report_that_changes_nothing_is_not_there()
    {
        await using var progress = new TestProgress();
        await using var job = progress.Start("a");

        job.Report(0.5);
        job.Report(0.5);
        job.Report(0.4);

        Assert.Single(progress.Reported("a"));
    }

    [Fact]
    public async Task Reported_plain_update_is_there_as_readers_see_it()
    {
        await using var progress = new TestProgress();

        await progress.PublishAsync(new("a", "extraction", 100) { BatchId = "b", Remaining = TimeSpan.FromSeconds(1.2) }, Stopped);

        var state = Assert.Single(progress.Reported());
        Assert.Equal(("a", "extraction", 99.9, "b", TimeSpan.FromSeconds(2), null), (state.DocumentId, state.Step, state.Percent, state.BatchId, state.Remaining, state.Revision));
    }

    [Fact]
    public async Task Reported_state_that_a_reader_has_read_is_there()
    {
        await using var progress = new TestProgress();
        var work = progress.TrackAsync("a", plan: null, async (job, token) =>
        {
            for (var i = 1; i < 50; i++)
            {
                job.Report(i / 100.0);
                await Task.Yield();
            }
        }, cancellationToken: Stopped);

        await foreach (var state in progress.SubscribeAsync("a", cancellationToken: Stopped))
            Assert.Contains(progress.Reported("a").Prepend(new() { DocumentId = "a", Status = ProgressStatus.Processing }), one => (one.Percent, one.Status) == (state.Percent, state.Status));
        await work;
    }

    [Fact]
    public async Task KillWorkerAsync_job_says_nothing_more_and_the_next_is_run_2()
    {
        var time = new FakeTimeProvider();
        await using var progress = new TestProgress(time);
        var killed = progress.Start("a");
        killed.Report(0.4);
        await progress.FlushAsync(Timeout.InfiniteTimeSpan, Stopped);

        await progress.KillWorkerAsync();
        killed.Report(0.9);
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal((40, true), await StandingAsync());

        await using var next = progress.Start("a");
        next.Report(0.1);
        await progress.FlushAsync(Timeout.InfiniteTimeSpan, Stopped);
        Assert.Equal((10, false), await StandingAsync());
        Assert.Equal(2, (await progress.GetSnapshotAsync("a", Stopped))!.Run);

        async Task<(double, bool)> StandingAsync() =>
            await progress.GetSnapshotAsync("a", Stopped) is { } state ? (state.Percent, state.StalledSince is not null) : default;
    }

    [Fact]
    public async Task UseTestProgress_host_that_used_Redis_shares_everything_with_the_test()
    {
        await using var progress = new TestProgress();
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseRedis("127.0.0.1:1").UseTestProgress(progress);
        await using var host = services.BuildServiceProvider();

        await host.GetRequiredService<IProgressPublisher>().PublishAsync(new("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        Assert.Equal(ProgressStatus.Completed, (await progress.SubscribeAsync("a", cancellationToken: Stopped).LastAsync(Stopped)).Status);
        Assert.Single(progress.Reported("a"));
        await progress.PublishAsync(new("b", "x", 100) { Status = ProgressStatus.Failed }, Stopped);
        Assert.Equal(ProgressStatus.Failed, (await host.GetRequiredService<IProgressSubscriber>().SubscribeAsync("b", cancellationToken: Stopped).LastAsync(Stopped)).Status);
    }

    [Fact]
    public async Task UseTestProgress_clock_of_its_own_is_the_hosts_too()
    {
        var time = new FakeTimeProvider();
        await using var progress = new TestProgress(time);
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseTestProgress(progress);
        await using var host = services.BuildServiceProvider();

        Assert.Same(time, host.GetRequiredService<TimeProvider>());
    }
}

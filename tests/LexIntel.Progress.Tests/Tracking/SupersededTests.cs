using LexIntel.Progress.Backplane;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>A newer attempt silences the older one, in the same process and across processes.</summary>
public abstract class SupersededContract(SharedServers servers) : BackplaneTest(servers)
{
    [Fact]
    public async Task Job_newer_attempt_of_another_process_fires_superseded()
    {
        var (one, two) = (App(), App());
        await using var older = one.Publisher.Start("a");
        await one.FlushAsync();
        await using var newer = two.Publisher.Start("a");
        await two.FlushAsync();

        older.StartStep("late");

        await older.WaitUntilSupersededAsync();
        Assert.False(newer.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task Job_superseded_publishes_nothing_more()
    {
        var (one, two) = (App(), App());
        await using var older = one.Publisher.Start("a");
        await one.FlushAsync();
        await using var newer = two.Publisher.Start("a");
        newer.Report(0.3, "newer");
        await two.FlushAsync();
        older.StartStep("late");
        await older.WaitUntilSupersededAsync();

        older.Report(0.9, "older");
        older.Complete();
        await one.FlushAsync();

        var state = await two.StoredAsync("a");
        Assert.Equal((ProgressStatus.Processing, "newer", 30, 2), (state.Status, state.Message, state.Percent, state.Run));
    }

    [Fact]
    public async Task TrackAsync_superseded_token_of_the_work_is_not_cancelled()
    {
        var (one, two) = (App(), App());

        var isCancelled = await one.Publisher.TrackAsync("a", null, async (older, token) =>
        {
            await one.FlushAsync();
            await using var newer = two.Publisher.Start("a");
            await two.FlushAsync();
            older.StartStep("late");
            await older.WaitUntilSupersededAsync();
            newer.Complete("newer");
            await two.FlushAsync();
            return token.IsCancellationRequested;
        });

        await one.FlushAsync();
        Assert.False(isCancelled);
        Assert.Equal("newer", (await one.StoredAsync("a")).Message);
    }

    [Fact]
    public async Task TrackAsync_superseded_work_hands_over_without_an_error_and_nobody_can_go_on_with_it()
    {
        var (one, two) = (App(), App());
        var attempt = await one.Publisher.TrackAsync("a", null, async (older, _) =>
        {
            await one.FlushAsync();
            two.Publisher.Start("a").Report(0.3, "newer");
            await two.FlushAsync();
            older.StartStep("late");
            await older.WaitUntilSupersededAsync();
            return older.HandOver();
        });
        var stored = (await two.StoredAsync("a")).Revision;

        await using var next = one.Publisher.Start("a", null, new() { Continue = ProgressAttempt.Parse(attempt.ToString()) });
        next.Complete("late");
        await one.FlushAsync();

        var state = await two.StoredAsync("a");
        Assert.Equal((stored, "newer", 30), (state.Revision, state.Message, state.Percent));
    }

    [Fact]
    public async Task HandOver_of_a_job_that_was_superseded_before_the_store_knew_it_cannot_be_gone_on_with()
    {
        var (one, two) = (App(), App());
        await using var older = one.Publisher.Start("a");
        await using var newer = one.Publisher.Start("a");
        newer.Report(0.3, "newer");
        await one.FlushAsync();

        var attempt = older.HandOver();

        await using var next = two.Publisher.Start("a", null, new() { Continue = ProgressAttempt.Parse(attempt.ToString()) });
        next.StartStep("late");
        await next.WaitUntilSupersededAsync();
        Assert.Equal("newer", (await one.StoredAsync("a")).Message);
    }

    [Fact]
    public async Task Job_begun_in_the_same_millisecond_by_two_processes_second_supersedes_first()
    {
        var time = new FakeTimeProvider();
        var (one, two) = (App(time: time), App(time: time));
        await using var older = one.Publisher.Start("a");
        await one.FlushAsync();
        await using var newer = two.Publisher.Start("a");
        await two.FlushAsync();

        older.StartStep("late");

        await older.WaitUntilSupersededAsync();
        Assert.Equal(2, (await two.StoredAsync("a")).Run);
    }

    [Fact]
    public async Task Job_silent_until_its_lease_is_renewed_is_superseded_then()
    {
        var (one, two) = (App(options => options.Lease = TimeSpan.FromSeconds(3)), App());
        await using var older = one.Publisher.Start("a");
        await one.FlushAsync();
        await using var newer = two.Publisher.Start("a");
        await two.FlushAsync();

        await older.WaitUntilSupersededAsync();
    }

    [Fact]
    public async Task Job_newer_attempt_in_the_same_process_supersedes_at_once()
    {
        var app = App();
        await using var older = app.Publisher.Start("a");
        await using var newer = app.Publisher.Start("a");
        older.Fail("late");
        newer.Complete("newer");

        await older.WaitUntilSupersededAsync();
        var end = await app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Completed, "newer"), (end.Status, end.Message));
    }

    [Fact]
    public async Task Job_end_after_a_plain_update_of_another_process_is_not_lost()
    {
        var (one, two) = (App(), App());
        await using var job = one.Publisher.Start("a");
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "aside", 5, "a plain word"), Stopped);
        await two.FlushAsync();

        job.Complete();

        Assert.Equal(ProgressStatus.Completed, (await one.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task Job_end_whose_answer_was_lost_is_not_mistaken_for_the_plain_update_that_took_its_number()
    {
        var two = App();
        var lossy = new RecordingBackplane(two.Backplane, TimeProvider.System);
        var one = App(more: builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(lossy)));
        await using var job = one.Publisher.Start("a");
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "aside", 5, "a plain word"), Stopped);
        await two.FlushAsync();
        lossy.AfterOffer = () =>
        {
            lossy.AfterOffer = null;
            throw new TimeoutException("The answer was lost.");
        };

        job.Complete();

        Assert.Equal(ProgressStatus.Completed, (await one.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task Job_plain_update_of_the_same_document_does_not_supersede()
    {
        var (one, two) = (App(), App());
        await using var job = one.Publisher.Start("a");
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "aside", 5, "a plain word"), Stopped);
        await two.FlushAsync();

        job.Report(0.5, "the job goes on");

        var state = await one.StoredAsync("a");
        Assert.Equal(("the job goes on", 50), (state.Message, state.Percent));
        Assert.False(job.Superseded.IsCancellationRequested);
    }

    [Fact]
    public async Task Job_quiet_after_a_plain_update_of_the_same_document_takes_its_place_again_by_the_next_renewal()
    {
        var (one, two) = (App(options => options.Lease = TimeSpan.FromSeconds(3)), App());
        await using var job = one.Publisher.Start("a", ProgressPlan.Equal("one", "two"));
        job.StartStep("two");
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "", 0) { Status = ProgressStatus.Pending }, Stopped);
        await two.FlushAsync();

        var json = await Eventually.GetAsync(
            () => one.Backplane.ReadJsonAsync("a"), json => json!.Contains("\"lease_seconds\"", StringComparison.Ordinal), "the job's state to be stored again");

        Assert.Contains("\"processing\"", json, StringComparison.Ordinal);
        Assert.Equal(("two", 50), ((await one.StoredAsync("a")).Step, (await one.StoredAsync("a")).Percent));
    }
}

internal static class SupersededWait
{
    public static async Task WaitUntilSupersededAsync(this ProgressJob job)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = job.Superseded.Register(() => fired.TrySetResult());
        await fired.Task.WithinAsync("the job to be superseded");
    }
}

public sealed class InProcessSupersededTests(SharedServers servers) : SupersededContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetSupersededTests(SharedServers servers) : SupersededContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisSupersededTests(SharedServers servers) : SupersededContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

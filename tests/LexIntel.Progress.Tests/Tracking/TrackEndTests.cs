using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>How a tracked job ends, row by row.</summary>
public sealed class TrackEndTests : IAsyncDisposable
{
    private const string GeneralError = "The document could not be processed.";
    private const string Secret = "password=hunter2 in /srv/secrets";

    private readonly FakeLifetime _lifetime = new();
    private readonly ProgressApp _app;

    public TrackEndTests() => _app = ProgressApp.Create(builder => builder.Services.AddSingleton<IHostApplicationLifetime>(_lifetime));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _lifetime.Dispose();
    }

    [Fact]
    public async Task TrackAsync_work_returns_document_is_completed()
    {
        await _app.Publisher.TrackAsync("a", null, (job, _) =>
        {
            job.Report(0.4, "working");
            return Task.CompletedTask;
        });

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Completed, 100, null), (end.Status, end.Percent, end.ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_returns_what_the_work_returns() =>
        Assert.Equal(42, await _app.Publisher.TrackAsync("a", null, (_, _) => Task.FromResult(42)));

    [Fact]
    public async Task TrackAsync_token_of_the_work_is_the_callers()
    {
        using var caller = new CancellationTokenSource();

        await _app.Publisher.TrackAsync("a", null, (_, token) => Task.FromResult(Assert.IsType<CancellationToken>(token) == caller.Token ? 1 : throw new InvalidOperationException()), null, caller.Token);
    }

    [Fact]
    public async Task TrackAsync_work_throws_document_has_failed_and_keeps_what_was_measured()
    {
        await Throw(new InvalidOperationException(Secret));

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Failed, 40, GeneralError), (end.Status, end.Percent, end.ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_work_throws_original_exception_is_rethrown()
    {
        var original = new InvalidOperationException(Secret);

        Assert.Same(original, await Throw(original));
    }

    [Fact]
    public async Task TrackAsync_work_throws_text_of_the_exception_is_nowhere()
    {
        await Throw(new InvalidOperationException(Secret));
        await _app.FlushAsync();

        Assert.DoesNotContain("hunter2", await _app.Backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
        Assert.DoesNotContain(_app.Log.Messages, message => message.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, ProgressStatus.Retrying)]
    [InlineData(false, ProgressStatus.Failed)]
    public async Task TrackAsync_work_throws_queue_decides_whether_it_is_retrying(bool willRetry, ProgressStatus expected)
    {
        var original = new InvalidOperationException();
        Exception? asked = null;

        await Throw(original, new() { WillRetry = exception => (asked = exception) is not null && willRetry });

        Assert.Same(original, asked);
        Assert.Equal((expected, GeneralError), ((await _app.StoredAsync("a")).Status, (await _app.StoredAsync("a")).ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_describe_error_is_what_users_read()
    {
        await Throw(new InvalidOperationException(Secret), new() { DescribeError = _ => "The file is encrypted." });

        Assert.Equal("The file is encrypted.", (await _app.StoredAsync("a")).ErrorMessage);
    }

    [Fact]
    public async Task TrackAsync_describe_error_returns_nothing_general_sentence_is_used()
    {
        await Throw(new InvalidOperationException(), new() { DescribeError = _ => null });

        Assert.Equal(GeneralError, (await _app.StoredAsync("a")).ErrorMessage);
    }

    [Fact]
    public async Task TrackAsync_questions_throw_document_has_failed_with_the_original_exception()
    {
        var original = new InvalidOperationException();

        var thrown = await Throw(original, new() { WillRetry = _ => throw new NotSupportedException(Secret), DescribeError = _ => throw new NotSupportedException(Secret) });

        Assert.Same(original, thrown);
        Assert.Equal((ProgressStatus.Failed, GeneralError), ((await _app.StoredAsync("a")).Status, (await _app.StoredAsync("a")).ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_caller_cancels_document_is_cancelled()
    {
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _app.Publisher.TrackAsync(
            "a", null,
            async (job, token) =>
            {
                job.Report(0.4);
                await caller.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            new() { WillRetry = _ => true }, caller.Token));

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Cancelled, 40, null), (end.Status, end.Percent, end.ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_cancelled_because_the_host_stops_document_is_retrying()
    {
        using var caller = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _app.Publisher.TrackAsync(
            "a", null,
            async (_, token) =>
            {
                _lifetime.StopApplication();
                await caller.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            null, caller.Token));

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Retrying, "The work was interrupted and will start again."), (end.Status, end.ErrorMessage));
    }

    [Fact]
    public async Task TrackAsync_work_cancels_itself_document_has_failed()
    {
        await Throw(new TaskCanceledException());

        Assert.Equal(ProgressStatus.Failed, (await _app.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task TrackAsync_work_throws_while_the_host_stops_document_has_failed()
    {
        _lifetime.StopApplication();
        await Throw(new InvalidOperationException());

        Assert.Equal(ProgressStatus.Failed, (await _app.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task TrackAsync_work_calls_fail_document_has_failed_with_that_text()
    {
        await _app.Publisher.TrackAsync("a", null, (job, _) =>
        {
            job.Report(0.4);
            job.Fail("The file is empty.");
            return Task.CompletedTask;
        });

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Failed, 40, "The file is empty."), (end.Status, end.Percent, end.ErrorMessage));
    }

    [Fact]
    public async Task Job_disposed_unfinished_document_has_failed()
    {
        await using (var job = _app.Publisher.Start("a"))
            job.Report(0.5);

        Assert.Equal((ProgressStatus.Failed, GeneralError), ((await _app.StoredAsync("a")).Status, (await _app.StoredAsync("a")).ErrorMessage));
    }

    [Fact]
    public async Task Job_disposed_unfinished_queue_retries_document_is_retrying()
    {
        await using (_app.Publisher.Start("a", options: new() { WillRetry = _ => true }))
        {
        }

        Assert.Equal(ProgressStatus.Retrying, (await _app.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task Job_disposed_unfinished_while_the_host_stops_document_is_retrying()
    {
        await using (_app.Publisher.Start("a"))
            _lifetime.StopApplication();

        Assert.Equal(ProgressStatus.Retrying, (await _app.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task Job_ended_twice_first_end_counts()
    {
        await using var job = _app.Publisher.Start("a");
        job.Complete("done");
        job.Fail("no");
        job.Report(0.1);
        job.StartStep("late");
        job.SetMessage("late");

        var end = await _app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Completed, 100, "done", "", null), (end.Status, end.Percent, end.Message, end.Step, end.ErrorMessage));
    }

    [Fact]
    public async Task Job_retry_and_cancel_end_with_their_status()
    {
        _app.Publisher.Start("a").Retry("The server was busy.");
        _app.Publisher.Start("b").Cancel("Stopped by the user.");

        var (retrying, cancelled) = (await _app.StoredAsync("a"), await _app.StoredAsync("b"));
        Assert.Equal((ProgressStatus.Retrying, "The server was busy."), (retrying.Status, retrying.ErrorMessage));
        Assert.Equal((ProgressStatus.Cancelled, "Stopped by the user."), (cancelled.Status, cancelled.Message));
    }

    [Fact]
    public async Task Job_next_attempt_begins_at_0_and_is_marked_by_run()
    {
        await Throw(new InvalidOperationException(), new() { WillRetry = _ => true });
        await _app.FlushAsync();
        await using var second = _app.Publisher.Start("a");

        var state = await _app.StoredAsync("a");

        Assert.Equal((ProgressStatus.Processing, 0, 2, null), (state.Status, state.Percent, state.Run, state.ErrorMessage));
    }

    [Fact]
    public async Task Job_end_has_no_remaining_time_and_ends_its_step()
    {
        await using var job = _app.Publisher.Start("a", ProgressPlan.Equal("extraction", "embedding"));
        job.StartStep("extraction");
        job.Fail("no");

        var end = await _app.StoredAsync("a");
        Assert.Null(end.Remaining);
        var step = Assert.Single(end.Steps);
        Assert.Equal(("extraction", ProgressStatus.Failed), (step.Name, step.Status));
        Assert.NotNull(step.Duration);
    }

    private Task<Exception> Throw(Exception exception, TrackOptions? options = null) => Assert.ThrowsAnyAsync<Exception>(() => _app.Publisher.TrackAsync(
        "a", null,
        (job, _) =>
        {
            job.Report(0.4);
            return Task.FromException(exception);
        },
        options));
}

using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>A batch from those who publish its documents to those who read it.</summary>
public abstract class BatchPublishContract(SharedServers servers) : BackplaneTest(servers)
{
    [Fact]
    public async Task Documents_of_a_batch_are_counted_as_they_come_and_end()
    {
        var app = App();
        await using var history = new BatchHistory(app.Subscriber, "b");
        await app.Publisher.DeclareBatchAsync(new("b", 4), Stopped);
        await history.UntilAsync(batch => batch.Counts() == (4, 4, 0, 0, 0, 0), "the declaration");

        await app.Publisher.PublishAsync(new ProgressUpdate("waiting", "", 0) { Status = ProgressStatus.Pending, BatchId = "b" }, Stopped);
        await app.Publisher.PublishAsync(new ProgressUpdate("failed", "x", 30) { Status = ProgressStatus.Failed, BatchId = "b" }, Stopped);
        await using var job = app.Publisher.Start("job", options: new() { BatchId = "b" });
        await using var other = app.Publisher.Start("other", options: new() { BatchId = "b" });
        job.Report(0.5);
        await history.UntilAsync(batch => batch.Counts() == (4, 1, 2, 0, 1, 0) && batch.Percent == 37.5, "all four");
        job.Complete();
        other.Cancel();
        await app.Publisher.PublishAsync(new ProgressUpdate("waiting", "", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);

        var states = await history.EndAsync();
        Assert.Equal((4, 0, 0, 2, 1, 1), states[^1].Counts());
        Assert.Equal((100, true, null), (states[^1].Percent, states[^1].IsFinished, states[^1].Remaining));
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision));
        Assert.All(states.SkipLast(1), batch => Assert.False(batch.IsFinished));
    }

    [Fact]
    public async Task Batch_from_two_processes_has_one_aggregate()
    {
        var (one, two, api) = (App(), App(), App());
        await one.Publisher.DeclareBatchAsync(new("b", 100), Stopped);
        for (var i = 0; i < 100; i++)
            await (i % 2 == 0 ? one : two).Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await one.FlushAsync();
        await two.FlushAsync();

        var batch = Assert.IsType<ProgressBatchSnapshot>(await api.Subscriber.GetBatchAsync("b", Stopped));

        Assert.Equal((100, 0, 0, 100, 0, 0), batch.Counts());
        Assert.True(batch.IsFinished);
    }

    [Fact]
    public async Task Job_that_is_retried_in_another_process_counts_once_as_completed()
    {
        var (one, two) = (App(), App());
        TrackOptions options = new() { BatchId = "b", WillRetry = _ => true };
        await one.Publisher.DeclareBatchAsync(new("b", 2), Stopped);
        await Assert.ThrowsAsync<InvalidOperationException>(() => one.Publisher.TrackAsync("a", null, (_, _) => throw new InvalidOperationException(), options, Stopped));
        one.Publisher.Start("c", options: options).Fail("given up");
        await one.FlushAsync();
        var between = await two.Subscriber.GetBatchAsync("b", Stopped);
        await two.Publisher.TrackAsync("a", null, (_, _) => Task.CompletedTask, options, Stopped);
        await two.Publisher.TrackAsync("c", null, (_, _) => Task.CompletedTask, options, Stopped);
        await two.FlushAsync();

        Assert.Equal((2, 0, 1, 0, 1, 0), between!.Counts());
        Assert.Equal((2, 0, 0, 2, 0, 0), (await one.Subscriber.GetBatchAsync("b", Stopped))!.Counts());
    }

    [Fact]
    public async Task Job_that_goes_on_after_a_hand_over_stays_in_the_batch_with_its_weight()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("light", "x", 0) { BatchId = "b" }, Stopped);
        var attempt = app.Publisher.Start("a", options: new() { BatchId = "b", BatchWeight = 3 }).HandOver();
        app.Publisher.Start("a", options: new() { Continue = ProgressAttempt.Parse(attempt!.ToString()) }).Complete();
        await app.FlushAsync();

        var batch = await app.Subscriber.GetBatchAsync("b", Stopped);

        Assert.Equal((2, 0, 1, 1, 0, 0), batch!.Counts());
        Assert.Equal(75, batch!.Percent);
    }

    [Fact]
    public async Task FlushAsync_includes_the_batches_of_what_it_waits_for()
    {
        var app = App(options => options.BatchInterval = TimeSpan.FromMinutes(1));
        for (var i = 1; i <= 20; i++)
        {
            await app.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 10) { BatchId = "b" }, Stopped);
            await app.FlushAsync();
            Assert.Equal(i, (await app.Subscriber.GetBatchAsync("b", Stopped))!.Processing);
        }
    }

    [Fact]
    public async Task Process_that_ends_sends_what_its_batches_lack()
    {
        var api = App();
        var worker = App(options => options.BatchInterval = TimeSpan.FromMinutes(1));
        for (var i = 0; i < 700; i++)
            await worker.Publisher.PublishAsync(new ProgressUpdate($"d{i}", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);

        await worker.DisposeAsync();

        Assert.Equal(700, (await api.Subscriber.GetBatchAsync("b", Stopped))!.Completed);
    }

    [Fact]
    public async Task SubscribeBatchAsync_after_a_revision_returns_only_newer_aggregates()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 10) { BatchId = "b" }, Stopped);
        await app.FlushAsync();
        var seen = (await app.Subscriber.GetBatchAsync("b", Stopped))!.Revision;
        await using var history = new BatchHistory(app.Subscriber, "b", seen);
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);

        var states = await history.EndAsync();

        Assert.All(states, batch => Assert.True(batch.Revision > seen));
        Assert.True(states[^1].IsFinished);
    }

    [Fact]
    public async Task SubscribeBatchAsync_finished_batch_returns_its_end_at_once()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed, BatchId = "b" }, Stopped);
        await app.FlushAsync();

        await using var history = new BatchHistory(app.Subscriber, "b");

        Assert.True(Assert.Single(await history.EndAsync()).IsFinished);
    }

    [Fact]
    public async Task GetBatchAsync_unknown_batch_is_null_and_a_document_of_that_name_is_not_it()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("b", "x", 10) { BatchId = "another" }, Stopped);
        await app.FlushAsync();

        Assert.Null(await app.Subscriber.GetBatchAsync("b", Stopped));
        Assert.Null(await app.Subscriber.GetSnapshotAsync("another", Stopped));
    }

    [Fact]
    public async Task Batch_and_document_of_one_id_are_watched_side_by_side()
    {
        var app = App();
        await using var documents = new History(app.Subscriber, "same");
        await using var batches = new BatchHistory(app.Subscriber, "same");

        await app.Publisher.PublishAsync(new ProgressUpdate("same", "x", 100) { Status = ProgressStatus.Failed, BatchId = "same" }, Stopped);

        Assert.Equal(ProgressStatus.Failed, (await documents.EndAsync())[^1].Status);
        Assert.Equal(1, (await batches.EndAsync())[^1].Failed);
    }
}

public sealed class InProcessBatchPublishTests(SharedServers servers) : BatchPublishContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetBatchPublishTests(SharedServers servers) : BatchPublishContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisBatchPublishTests(SharedServers servers) : BatchPublishContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

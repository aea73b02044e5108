using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>What readers see, over each backplane.</summary>
public abstract class SubscriberContract(SharedServers servers) : BackplaneTest(servers)
{
    /// <summary>How many of 89 states a reader may take that does not look until the last was sent.</summary>
    protected virtual int MostTakenBySlowReader => 1;

    [Fact]
    public async Task SubscribeAsync_known_document_snapshot_comes_first()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new("a", "x", 60, "at 60"), Stopped);
        await worker.FlushAsync();

        await using var history = new History(api.Subscriber, "a");

        var first = await history.NextAsync();
        Assert.Equal((60, "at 60", 1), (first.Percent, first.Message, first.Steps.Count));
    }

    [Fact]
    public async Task SubscribeAsync_nothing_known_waits_for_the_first_report()
    {
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        await api.Hub.WaitUntilOpenAsync("a");
        Assert.Empty(history.States);

        await worker.Publisher.PublishAsync(new("a", "x", 1), Stopped);

        Assert.Equal(1, (await history.NextAsync()).Percent);
    }

    [Fact]
    public async Task SubscribeAsync_revisions_rise_and_it_ends_after_the_one_terminal_state()
    {
        var (worker, api) = (App(options => options.PublishInterval = TimeSpan.Zero), App());
        await using var history = new History(api.Subscriber, "a");
        await api.Hub.WaitUntilOpenAsync("a");

        await worker.Publisher.TrackAsync("a", null, async (job, _) =>
        {
            for (var i = 1; i <= 200; i++)
            {
                job.Report(i / 200.0);
                await Task.Yield();
            }
        });

        var states = await history.EndAsync();
        Assert.All(states.Zip(states.Skip(1)), pair => Assert.True(pair.First.Revision < pair.Second.Revision && pair.First.Percent <= pair.Second.Percent));
        Assert.Equal(ProgressStatus.Completed, Assert.Single(states, state => state.IsTerminal).Status);
        Assert.True(states[^1].IsTerminal);
    }

    [Theory]
    [InlineData(ProgressStatus.Completed)]
    [InlineData(ProgressStatus.Failed)]
    [InlineData(ProgressStatus.Cancelled)]
    public async Task SubscribeAsync_finished_document_gives_its_end_and_ends(ProgressStatus status)
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 30) { Status = status }, Stopped);
        await worker.FlushAsync();

        await using var history = new History(api.Subscriber, "a");

        Assert.Equal(status, Assert.Single(await history.EndAsync()).Status);
    }

    [Fact]
    public async Task SubscribeAsync_retrying_does_not_end_and_the_next_attempt_follows()
    {
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        worker.Publisher.Start("a").Retry("again");
        await history.UntilAsync(state => state.Status == ProgressStatus.Retrying, "retrying");
        worker.Publisher.Start("a").Complete();

        var states = await history.EndAsync();
        Assert.Equal((ProgressStatus.Completed, 2), (states[^1].Status, states[^1].Run));
    }

    [Fact]
    public async Task SubscribeAsync_after_a_revision_only_newer_states_come()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new("a", "x", 1), Stopped);
        var known = (await worker.StoredAsync("a")).Revision;
        await using var history = new History(api.Subscriber, "a", known);
        await api.Hub.WaitUntilOpenAsync("a");

        await worker.Publisher.PublishAsync(new("a", "x", 2), Stopped);

        Assert.Equal(2, (await history.NextAsync()).Percent);
        Assert.Single(history.States);
    }

    [Fact]
    public async Task SubscribeAsync_after_the_end_ends_without_a_state()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        var end = (await worker.StoredAsync("a")).Revision;

        await using var history = new History(api.Subscriber, "a", end);

        Assert.Empty(await history.EndAsync());
    }

    [Fact]
    public async Task SubscribeAsync_after_an_end_that_a_new_attempt_followed_goes_on()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Failed }, Stopped);
        var end = (await worker.StoredAsync("a")).Revision;
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "y", 5) { NewAttempt = true }, Stopped);
        await worker.FlushAsync();

        await using var history = new History(api.Subscriber, "a", end);

        Assert.Equal(2, (await history.NextAsync()).Run);
    }

    [Fact]
    public async Task SubscribeAsync_late_joiner_of_a_watched_document_sees_the_newest_at_once()
    {
        var (worker, api) = (App(), App());
        await using var early = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 60), Stopped);
        await early.UntilAsync(state => state.Percent == 60, "60 %");

        await using var late = new History(api.Subscriber, "a");

        Assert.Equal(60, (await late.NextAsync()).Percent);
    }

    [Fact]
    public async Task SubscribeAsync_slow_reader_skips_to_the_newest_and_delays_nobody()
    {
        var (worker, api) = (App(options => options.PublishInterval = TimeSpan.Zero), App());
        await using var slow = api.Subscriber.SubscribeAsync("a", cancellationToken: Stopped).GetAsyncEnumerator(Stopped);
        await using var fast = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 1), Stopped);
        Assert.True(await slow.MoveNextAsync());

        for (var percent = 2; percent <= 90; percent++)
        {
            await worker.Publisher.PublishAsync(new("a", "x", percent), Stopped);
            await worker.FlushAsync();
        }

        await fast.UntilAsync(state => state.Percent == 90, "90 %");
        var taken = 0;
        while (slow.Current.Percent < 90 && await slow.MoveNextAsync())
            taken++;
        Assert.Equal(90, slow.Current.Percent);
        // In process exactly one; over a network the newest may still be on its way.
        Assert.InRange(taken, 1, MostTakenBySlowReader);
    }

    [Fact]
    public async Task SubscribeAsync_skipped_state_steps_are_in_the_next()
    {
        var (worker, api) = (App(), App());
        await using var slow = api.Subscriber.SubscribeAsync("a", cancellationToken: Stopped).GetAsyncEnumerator(Stopped);
        await worker.Publisher.PublishAsync(new("a", "one", 1), Stopped);
        Assert.True(await slow.MoveNextAsync());
        await using var fast = new History(api.Subscriber, "a");
        foreach (var step in (string[])["two", "three", "four"])
        {
            await worker.Publisher.PublishAsync(new("a", step, 50), Stopped);
            await worker.FlushAsync();
        }

        await fast.UntilAsync(state => state.Step == "four", "step four");
        while (slow.Current.Step != "four" && await slow.MoveNextAsync())
        {
        }

        Assert.Equal(["one", "two", "three", "four"], slow.Current.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task SubscribeAsync_list_of_steps_larger_than_a_message_of_others_may_be_is_seen_as_it_grows()
    {
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        await api.Hub.WaitUntilOpenAsync("a");
        await using var job = worker.Publisher.Start("a");
        for (var i = 0; i < StateLimits.Steps; i++)
        {
            job.StartStep($"{i} {new string('文', 100)}");
            await worker.FlushAsync();
        }

        job.Complete();

        var states = await history.EndAsync();
        Assert.All(states.Where(state => state.Step.Length > 0), state => Assert.Equal(state.Step, state.Steps[^1].Name));
        Assert.DoesNotContain(states[^1].Steps, step => step.Duration is null);
    }

    [Fact]
    public async Task SubscribeAsync_cancelled_throws_and_leaves()
    {
        var api = App(options => options.Linger = TimeSpan.Zero);
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in api.Subscriber.SubscribeAsync("a", cancellationToken: stop.Token))
                Assert.Fail("Nothing was published.");
        }, Stopped);
        await api.Hub.WaitUntilOpenAsync("a");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WithinAsync("the cancellation"));
        await Eventually.TrueAsync(() => api.Hub.TopicCount == 0, "no topic without readers");
    }

    [Fact]
    public async Task SubscribeAsync_documents_do_not_mix()
    {
        var (worker, api) = (App(), App());
        string[] ids = ["a", "A", "a*", "*", "a/b", "{a}"];
        var histories = ids.ToDictionary(id => id, id => new History(api.Subscriber, id));
        for (var i = 0; i < ids.Length; i++)
            await worker.Publisher.PublishAsync(new ProgressUpdate(ids[i], "x", i + 1) { Status = ProgressStatus.Completed }, Stopped);

        for (var i = 0; i < ids.Length; i++)
        {
            Assert.All(await histories[ids[i]].EndAsync(), state => Assert.Equal((ids[i], i + 1), (state.DocumentId, state.Percent)));
            await histories[ids[i]].DisposeAsync();
        }
    }

    [Fact]
    public async Task SubscribeAsync_many_documents_newest_of_each_first_and_it_ends_after_all_ends()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new ProgressUpdate("done", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        await worker.Publisher.PublishAsync(new("running", "x", 60), Stopped);
        await worker.FlushAsync();
        await using var history = new History(api.Subscriber, ["done", "running", "later", "running"]);
        await history.UntilAsync(state => state.DocumentId == "running", "the running document");

        await worker.Publisher.PublishAsync(new ProgressUpdate("running", "x", 70) { Status = ProgressStatus.Failed }, Stopped);
        await worker.Publisher.PublishAsync(new ProgressUpdate("later", "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        var states = await history.EndAsync();
        Assert.Equal(["done", "later", "running"], states.Where(state => state.IsTerminal).Select(state => state.DocumentId).Order(StringComparer.Ordinal));
        Assert.Equal([60, 70], states.Where(state => state.DocumentId == "running").Select(state => state.Percent));
    }

    [Fact]
    public async Task SubscribeAsync_many_documents_terminal_state_is_the_last_of_its_document()
    {
        var (worker, api) = (App(), App());
        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 10) { Status = ProgressStatus.Failed }, Stopped);
        await using var history = new History(api.Subscriber, ["a", "b"]);
        await history.UntilAsync(state => state.IsTerminal, "the end of a");

        await worker.Publisher.PublishAsync(new ProgressUpdate("a", "x", 20) { NewAttempt = true }, Stopped);
        await worker.FlushAsync();
        await worker.Publisher.PublishAsync(new ProgressUpdate("b", "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        Assert.Equal(["a", "b"], (await history.EndAsync()).Select(state => state.DocumentId));
    }

    [Fact]
    public async Task SubscribeAsync_thousand_documents_all_end()
    {
        var (worker, api) = (App(), App());
        string[] ids = [.. Enumerable.Range(0, 1_000).Select(i => $"d{i}")];
        foreach (var id in ids[..500])
            await worker.Publisher.PublishAsync(new ProgressUpdate(id, "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        await using var history = new History(api.Subscriber, ids);
        foreach (var id in ids[500..])
            await worker.Publisher.PublishAsync(new ProgressUpdate(id, "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        Assert.Equal(ids.Order(StringComparer.Ordinal), (await history.EndAsync()).Select(state => state.DocumentId).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SubscribeAsync_no_documents_is_empty() => Assert.Empty(await new History(App().Subscriber, []).EndAsync());

    [Fact]
    public void SubscribeAsync_many_documents_bad_id_is_refused_at_the_call()
    {
        var subscriber = App().Subscriber;
        Assert.Throws<ArgumentException>(() => subscriber.SubscribeAsync(["a", "b\n"], Stopped));
    }

    [Fact]
    public async Task GetSnapshotAsync_nothing_reported_is_null() => Assert.Null(await App().Subscriber.GetSnapshotAsync("a", Stopped));

    [Fact]
    public async Task GetSnapshotAsync_of_a_watched_document_is_the_newest()
    {
        var (worker, api) = (App(), App());
        await using var history = new History(api.Subscriber, "a");
        await worker.Publisher.PublishAsync(new("a", "x", 60), Stopped);
        await history.UntilAsync(state => state.Percent == 60, "60 %");

        Assert.Equal(60, (await api.Subscriber.GetSnapshotAsync("a", Stopped))!.Percent);
    }

    [Fact]
    public async Task GetSnapshotAsync_many_at_once_are_all_answered()
    {
        var (worker, api) = (App(), App());
        for (var i = 0; i < 300; i++)
            await worker.Publisher.PublishAsync(new($"d{i}", "x", i % 100), Stopped);
        await worker.FlushAsync();

        var states = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => api.Subscriber.GetSnapshotAsync($"d{i}", Stopped).AsTask()));

        Assert.Equal(Enumerable.Range(0, 300).Select(i => ($"d{i}", (double)(i % 100))), states.Select(state => (state!.DocumentId, state.Percent)));
    }
}

public sealed class InProcessSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterSubscriberTests(SharedServers servers) : SubscriberContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}

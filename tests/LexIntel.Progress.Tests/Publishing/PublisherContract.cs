using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>Plain updates, over each backplane.</summary>
public abstract class PublisherContract(SharedServers servers) : BackplaneTest(servers)
{
    [Fact]
    public async Task PublishAsync_every_field_arrives()
    {
        var app = App();
        var update = new ProgressUpdate("a", "extraction", 45.25, "Extracting") with
        {
            Status = ProgressStatus.Retrying,
            Timestamp = new DateTimeOffset(2026, 1, 3, 12, 30, 45, TimeSpan.FromHours(2)),
            ErrorMessage = "The server was busy.",
            Remaining = TimeSpan.FromSeconds(12.2),
            BatchId = "batch 1",
        };

        await app.Publisher.PublishAsync(update, Stopped);

        var state = await app.StoredAsync("a");
        Assert.Equal(
            new ProgressSnapshot
            {
                DocumentId = "a",
                Status = ProgressStatus.Retrying,
                Step = "extraction",
                Percent = 45.3,
                Message = "Extracting",
                Timestamp = new(2026, 1, 3, 10, 30, 45, TimeSpan.Zero),
                ErrorMessage = "The server was busy.",
                Remaining = TimeSpan.FromSeconds(13),
                BatchId = "batch 1",
                Revision = state.Revision,
                Steps = state.Steps,
            },
            state);
        Assert.Equal(["extraction"], state.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task PublishAsync_states_are_numbered_by_the_store()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "x", 1), Stopped);
        var first = await app.StoredAsync("a");
        await app.Publisher.PublishAsync(new("a", "x", 2), Stopped);
        var second = await app.StoredAsync("a");

        Assert.Equal(first.Revision!.Value with { Number = 2 }, second.Revision);
    }

    [Fact]
    public async Task PublishAsync_two_processes_share_one_attempt()
    {
        var (one, two) = (App(), App());
        await one.Publisher.PublishAsync(new("a", "x", 1), Stopped);
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "y", 2), Stopped);

        var state = await two.StoredAsync("a");
        Assert.Equal((2, 1, "y"), (state.Revision!.Value.Number, state.Run, state.Step));
    }

    [Fact]
    public async Task PublishAsync_unfinished_after_the_end_is_ignored()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        await app.FlushAsync();
        await app.Publisher.PublishAsync(new("a", "late", 50), Stopped);

        var state = await app.StoredAsync("a");
        Assert.Equal((ProgressStatus.Completed, "x"), (state.Status, state.Step));
    }

    [Fact]
    public async Task PublishAsync_unfinished_after_an_end_that_is_not_sent_yet_does_not_overwrite_it()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        await app.Publisher.PublishAsync(new("a", "late", 50), Stopped);

        Assert.Equal(ProgressStatus.Completed, (await app.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task PublishAsync_unfinished_after_the_end_of_another_process_is_ignored()
    {
        var (one, two) = (App(), App());
        await one.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new("a", "late", 50), Stopped);

        Assert.Equal(ProgressStatus.Completed, (await two.StoredAsync("a")).Status);
    }

    [Fact]
    public async Task PublishAsync_new_attempt_after_the_end_begins_again()
    {
        var app = App();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 30) { Status = ProgressStatus.Failed, ErrorMessage = "no" }, Stopped);
        var first = await app.StoredAsync("a");
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "y", 5) { NewAttempt = true }, Stopped);

        var state = await app.StoredAsync("a");
        Assert.True(state.Revision!.Value.Attempt > first.Revision!.Value.Attempt);
        Assert.Equal((ProgressStatus.Processing, 2, 5, null), (state.Status, state.Run, state.Percent, state.ErrorMessage));
        Assert.Equal(["y"], state.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task PublishAsync_after_another_process_began_a_new_attempt_belongs_to_it()
    {
        var (one, two) = (App(), App());
        await one.Publisher.PublishAsync(new ProgressUpdate("a", "x", 30) { Status = ProgressStatus.Failed }, Stopped);
        await one.FlushAsync();
        await two.Publisher.PublishAsync(new ProgressUpdate("a", "queued", 0) { NewAttempt = true }, Stopped);
        await two.FlushAsync();

        await one.Publisher.PublishAsync(new("a", "again", 5), Stopped);

        var state = await one.StoredAsync("a");
        Assert.Equal(("again", 2), (state.Step, state.Run));
        Assert.Equal(["again"], state.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task PublishAsync_steps_are_listed_with_their_durations()
    {
        var app = App();
        foreach (var step in (string[])["one", "two", "two", "three"])
            await app.Publisher.PublishAsync(new(documentId: "a", step, 10), Stopped);
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "three", 100) { Status = ProgressStatus.Completed }, Stopped);

        var steps = (await app.StoredAsync("a")).Steps;
        Assert.Equal([("one", ProgressStatus.Completed), ("two", ProgressStatus.Completed), ("three", ProgressStatus.Completed)], steps.Select(step => (step.Name, step.Status)));
        Assert.All(steps, step => Assert.NotNull(step.Duration));
    }

    [Fact]
    public async Task PublishAsync_long_texts_are_cut()
    {
        var app = App();
        await app.Publisher.PublishAsync(
            new ProgressUpdate("a", new string('s', 300_000), 1, new string('m', 300_000)) { ErrorMessage = new string('e', 998) + "🎉🎉" }, Stopped);

        var state = await app.StoredAsync("a");
        Assert.Equal((128, 1000, new string('e', 998) + "…"), (state.Step.Length, state.Message.Length, state.ErrorMessage));
        Assert.Equal(128, state.Steps[0].Name.Length);
    }

    [Fact]
    public async Task PublishAsync_half_a_surrogate_pair_in_a_text_becomes_a_replacement_character()
    {
        var app = App();
        await app.Publisher.PublishAsync(new("a", "s\ud83c", 1, "\udf89m"), Stopped);

        Assert.Equal(("s\ufffd", "\ufffdm"), ((await app.StoredAsync("a")).Step, (await app.StoredAsync("a")).Message));
    }

    [Theory]
    [MemberData(nameof(Backplane.SubscribeContract.LiteralIds), MemberType = typeof(Backplane.SubscribeContract))]
    public async Task PublishAsync_id_with_special_characters_is_found_again(string id)
    {
        var app = App();
        await app.Publisher.PublishAsync(new(id, "x", 10), Stopped);

        Assert.Equal((id, 10), ((await app.StoredAsync(id)).DocumentId, (await app.StoredAsync(id)).Percent));
    }

    [Fact]
    public async Task FlushAsync_a_thousand_documents_are_all_stored()
    {
        var app = App();
        for (var i = 0; i < 1000; i++)
            await app.Publisher.PublishAsync(new($"d{i}", "x", i % 100), Stopped);

        await app.FlushAsync();

        var revisions = await app.Backplane.RenewAsync([.. Enumerable.Range(0, 1000).Select(i => $"d{i}")]);
        Assert.All(revisions, revision => Assert.NotNull(revision));
    }

    [Fact]
    public async Task FlushAsync_nothing_published_is_true_at_once() =>
        Assert.True(await App().Publisher.FlushAsync(TimeSpan.Zero, Stopped));
}

/// <summary>What only a server can do, which may forget.</summary>
public abstract class SharedPublisherContract(SharedServers servers) : PublisherContract(servers)
{
    [Fact]
    public async Task PublishAsync_end_after_the_store_went_back_stands_above_what_readers_have_seen()
    {
        var (app, host) = (App(), App());
        await using var history = new History(host.Subscriber, "a");
        var database = (await ProbeAsync()).GetDatabase();
        await app.Publisher.PublishAsync(new("a", "x", 10), Stopped);
        await app.FlushAsync();
        var earlier = await database.StringGetAsync(Key("a"));
        foreach (var percent in (int[])[20, 30])
        {
            await app.Publisher.PublishAsync(new("a", "x", percent), Stopped);
            await app.FlushAsync();
        }

        // As after a failover to a replica that lagged.
        var seen = await history.UntilAsync(static state => state.Percent == 30, "the state that is lost");
        await database.StringSetAsync(Key("a"), earlier);
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed }, Stopped);

        var states = await history.EndAsync();
        Assert.Equal((ProgressStatus.Completed, seen.Revision!.Value with { Number = 4 }), (states[^1].Status, states[^1].Revision));
    }

    [Fact]
    public async Task PublishAsync_refused_after_the_end_leaves_the_end_to_be_offered_again()
    {
        var app = App(options => options.Lease = TimeSpan.FromSeconds(3));
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 30, "the end") { Status = ProgressStatus.Failed }, Stopped);
        await app.FlushAsync();
        await app.Publisher.PublishAsync(new("a", "late", 50), Stopped);
        await app.FlushAsync();
        await (await ProbeAsync()).GetDatabase().KeyDeleteAsync(Key("a"));

        // By the next renewal, a third of the lease later, the loss is seen.
        var again = await Testing.Eventually.GetAsync(() => app.Backplane.ReadJsonAsync("a"), json => json is not null, "the end to be stored again");

        Assert.Contains("\"the end\"", again, StringComparison.Ordinal);
        Assert.DoesNotContain("late", again, StringComparison.Ordinal);
    }
}

public sealed class InProcessPublisherTests(SharedServers servers) : PublisherContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetPublisherTests(SharedServers servers) : SharedPublisherContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisPublisherTests(SharedServers servers) : SharedPublisherContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterPublisherTests(SharedServers servers) : SharedPublisherContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterPublisherTests(SharedServers servers) : SharedPublisherContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}

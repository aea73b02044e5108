using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>States that a job numbers: the newest wins, whatever the order in which they arrive.</summary>
public abstract class OfferContract(SharedServers servers) : BackplaneTest(servers)
{
    private const long Attempt = 1764000000000;

    [Fact]
    public async Task Offer_first_state_is_accepted_with_run_1()
    {
        var result = await App().Backplane.OfferAsync("a", Attempt, 1);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 1), 1), result);
    }

    [Theory]
    [InlineData(Attempt, 6)]
    [InlineData(Attempt, 500)]
    [InlineData(Attempt + 1, 1)]
    [InlineData(ProgressRevision.MaxPart, ProgressRevision.MaxPart)]
    public async Task Offer_newer_state_is_accepted(long attempt, long number)
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 5);

        var result = await backplane.OfferAsync("a", attempt, number);

        Assert.Equal((OfferOutcome.Accepted, new ProgressRevision(attempt, number)), (result.Outcome, result.Revision));
        Assert.Equal(result.Revision, await backplane.RenewOneAsync("a"));
    }

    [Theory]
    [InlineData(Attempt, 4)]
    [InlineData(Attempt - 1, 6)]
    [InlineData(999, 999)]
    public async Task Offer_older_state_is_refused_and_the_stored_revision_returned(long attempt, long number)
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 5), Offers.Fields("a", message: "newest"));

        var result = await backplane.OfferAsync(OfferKind.Numbered, new(attempt, number), Offers.Fields("a", message: "older"));

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt, 5), 1), result);
        Assert.Contains("\"newest\"", await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_same_state_again_is_repeated_and_publishes_nothing()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 5), Offers.Fields("a", message: "first"));
        await messages.NextAsync();

        var repeated = await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 5), Offers.Fields("a", message: "first"));
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 6), Offers.Fields("a", message: "second"));

        Assert.Equal(new OfferResult(OfferOutcome.Repeated, new(Attempt, 5), 1), repeated);
        Assert.Contains("\"second\"", await messages.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_another_state_under_a_stored_revision_is_refused_and_publishes_nothing()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 5), Offers.Fields("a", message: "first"));
        await messages.NextAsync();

        var refused = await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 5), Offers.Fields("a", message: "second"));
        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 6), Offers.Fields("a", message: "third"));

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt, 5), 1), refused);
        Assert.Contains("\"third\"", await messages.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_same_state_of_a_later_run_again_is_repeated()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 5);
        await backplane.OfferAsync("a", Attempt + 1, 1);

        var repeated = await backplane.OfferAsync("a", Attempt + 1, 1);

        Assert.Equal(new OfferResult(OfferOutcome.Repeated, new(Attempt + 1, 1), 2), repeated);
    }

    [Fact]
    public async Task Offer_refused_state_is_not_published()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        await backplane.OfferAsync("a", Attempt, 5);
        await messages.NextAsync();

        await backplane.OfferAsync("a", Attempt, 4);
        await backplane.OfferAsync("a", Attempt, 6);

        Assert.StartsWith($"{{\"revision\":\"{Attempt}-6\",", await messages.NextAsync(), StringComparison.Ordinal);
        Assert.True(messages.IsEmpty);
    }

    [Fact]
    public async Task Offer_newer_attempt_counts_the_run()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 5, ProgressStatus.Retrying);

        var second = await backplane.OfferAsync("a", Attempt + 1, 1);
        var third = await backplane.OfferAsync("a", Attempt + 9, 1);

        Assert.Equal((2, 3), (second.Run, third.Run));
        Assert.StartsWith($"{{\"revision\":\"{Attempt + 9}-1\",\"run\":3,\"status\":\"processing\",", await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_that_does_not_know_its_run_is_stored_and_published_with_it()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, "a");
        await backplane.OfferAsync("a", Attempt, 5, ProgressStatus.Retrying);
        await messages.NextAsync();

        await backplane.OfferAsync(OfferKind.Numbered, new(Attempt + 1, 1), Offers.Fields("a", steps: []), publishFull: false);

        var head = $"{{\"revision\":\"{Attempt + 1}-1\",\"run\":2,\"status\":\"processing\",\"document_id\":\"a\",";
        Assert.StartsWith(head, await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
        Assert.StartsWith(head, await messages.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_after_data_loss_keeps_the_run_that_the_job_knows()
    {
        var fields = Offers.Fields("a");
        fields.Run = 4;

        var result = await App().Backplane.OfferAsync(OfferKind.Numbered, new(Attempt, 17), fields);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 17), 4), result);
    }

    [Fact]
    public async Task Offer_job_that_is_terminal_can_be_numbered_on_in_its_attempt()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 5, ProgressStatus.Completed);

        var result = await backplane.OfferAsync("a", Attempt, 6, ProgressStatus.Failed);

        Assert.Equal(OfferOutcome.Accepted, result.Outcome);
    }
}

public sealed class InProcessOfferTests(SharedServers servers) : OfferContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetOfferTests(SharedServers servers) : OfferContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisOfferTests(SharedServers servers) : OfferContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;

    [Fact]
    public async Task Offer_of_another_program_that_names_no_revision_is_told_so_and_stores_nothing()
    {
        var database = (await ProbeAsync()).GetDatabase();

        var answers = (string[]?)await database.ScriptEvaluateAsync(Progress.Redis.RedisScripts.Offer, [Key("a")], [3_600_000, "j", "{\"status\":\"processing\"}", ""]);

        Assert.StartsWith("!ERR the full form does not begin with {\"revision\":", Assert.Single(answers!), StringComparison.Ordinal);
        Assert.False(await database.KeyExistsAsync(Key("a")));
    }
}

public sealed class ClusterOfferTests(SharedServers servers) : OfferContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

public sealed class ShardedClusterOfferTests(SharedServers servers) : OfferContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.ShardedCluster;
}

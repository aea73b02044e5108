using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Wire;
using static LexIntel.Progress.Tests.Support.Members;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>What the store makes of the members that publishers offer.</summary>
public abstract class BatchContract(SharedServers servers) : BackplaneTest(servers)
{
    private static readonly Subject B = Subject.Batch("b");

    [Fact]
    public async Task Offer_members_are_counted_and_the_aggregate_is_json_as_documented()
    {
        var backplane = App().Backplane;

        var result = await backplane.OfferMembersAsync(
            "b",
            [
                Member("a", status: ProgressStatus.Pending), Member("b", percent: 24.6), Member("c", status: ProgressStatus.Retrying, percent: 40), Member("d", status: ProgressStatus.Completed),
                Member("e", status: ProgressStatus.Failed, percent: 30), Member("f", status: ProgressStatus.Cancelled),
            ],
            expected: 10);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 1), Tally: new(10, 3, Attempt)), result);
        Assert.Equal(
            """{"revision":"1764000000000-1","batch_id":"b","status":"processing","total":10,"pending":5,"processing":2,"completed":1,"failed":1,"cancelled":1,"progress":36.5,"timestamp":"2025-11-24T16:00:00.000Z"}""",
            await backplane.ReadJsonAsync(B));
    }

    [Fact]
    public async Task Offer_is_published_as_it_is_stored_once_per_call()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, B);

        await backplane.OfferMembersAsync("b", [Member("a"), Member("c"), Member("d")]);
        var first = await messages.NextAsync();
        await backplane.OfferMembersAsync("b", [Member("a", 2)]);

        Assert.Contains("\"total\":3,", first, StringComparison.Ordinal);
        Assert.Equal(await backplane.ReadJsonAsync(B), await messages.NextAsync());
        Assert.True(messages.IsEmpty);
    }

    [Fact]
    public async Task Offer_repeated_changes_and_publishes_nothing()
    {
        var backplane = App().Backplane;
        await using var messages = await MessagesAsync(backplane, B);
        await backplane.OfferMembersAsync("b", [Member("a"), Member("c", 5, ProgressStatus.Completed)]);
        await messages.NextAsync();
        var before = await backplane.ReadJsonAsync(B);

        var result = await backplane.OfferMembersAsync("b", [Member("a"), Member("c", 4, ProgressStatus.Failed)]);

        Assert.Equal((OfferOutcome.Repeated, new ProgressRevision(Attempt, 1)), (result.Outcome, result.Revision));
        Assert.Equal(before, await backplane.ReadJsonAsync(B));
        await backplane.OfferMembersAsync("b", [Member("a", 2)]);
        Assert.StartsWith($"{{\"revision\":\"{Attempt}-2\"", await messages.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_member_that_failed_and_is_retried_counts_once_as_completed()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [Member("a", 7, ProgressStatus.Failed, 60)], expected: 1);

        await backplane.OfferMembersAsync("b", [Member("a", 3, ProgressStatus.Completed, attempt: Attempt + 1)]);
        await backplane.OfferMembersAsync("b", [Member("a", 9, ProgressStatus.Failed, 60)]);

        var batch = await backplane.ReadBatchAsync("b");
        Assert.Equal((1, 0, 0, 1, 0, 0), batch.Counts());
        Assert.True(batch is { IsFinished: true, Percent: 100 });
    }

    [Fact]
    public async Task Offer_same_document_twice_in_a_call_counts_once()
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync("b", [Member("a"), Member("a", 3, ProgressStatus.Completed), Member("a", 2)]);

        Assert.Equal((1, 0, 0, 1, 0, 0), (await backplane.ReadBatchAsync("b")).Counts());
    }

    [Fact]
    public async Task Offer_percentage_goes_by_weight()
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync("b", [Member("a", percent: 50, weight: 3), Member("c", weight: 0.5), Member("d", status: ProgressStatus.Completed, weight: 0.5)]);

        Assert.Equal(50, (await backplane.ReadBatchAsync("b")).Percent);
    }

    [Fact]
    public async Task Offer_all_but_one_of_a_thousand_ended_is_99_9_percent()
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync("b", [.. Enumerable.Range(0, 500).Select(i => Member($"d{i}", status: ProgressStatus.Completed))], expected: 1000);
        await backplane.OfferMembersAsync("b", [.. Enumerable.Range(500, 499).Select(i => Member($"d{i}", status: ProgressStatus.Completed)), Member("last", percent: 99.9)]);

        var batch = await backplane.ReadBatchAsync("b");
        Assert.Equal((99.9, false), (batch.Percent, batch.IsFinished));
        Assert.Equal((1000, 0, 1, 999, 0, 0), batch.Counts());
    }

    [Fact]
    public async Task Offer_declaration_alone_makes_a_batch_that_is_not_finished()
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync("b", [], expected: 3);
        await backplane.OfferMembersAsync("c", []);

        Assert.Equal((3, 3, 0, 0, 0, 0), (await backplane.ReadBatchAsync("b")).Counts());
        Assert.Equal((0, false, 0), ((await backplane.ReadBatchAsync("c")).Total, (await backplane.ReadBatchAsync("c")).IsFinished, (await backplane.ReadBatchAsync("c")).Percent));
    }

    [Fact]
    public async Task Offer_highest_declaration_counts_and_more_documents_make_the_batch_grow()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [], expected: 2);
        var lower = await backplane.OfferMembersAsync("b", [], expected: 1);

        var grown = await backplane.OfferMembersAsync("b", [Member("a"), Member("c"), Member("d")]);

        Assert.Equal((OfferOutcome.Repeated, 2), (lower.Outcome, lower.Tally.Total));
        Assert.Equal(3, grown.Tally.Total);
    }

    [Fact]
    public async Task Offer_finished_batch_that_grows_is_unfinished_again_under_a_newer_revision()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [Member("a", status: ProgressStatus.Completed)]);
        var finished = await backplane.ReadBatchAsync("b");

        await backplane.OfferMembersAsync("b", [Member("c")]);

        var grown = await backplane.ReadBatchAsync("b");
        Assert.True(finished.IsFinished);
        Assert.False(grown.IsFinished);
        Assert.True(grown.Revision > finished.Revision);
        Assert.Contains("\"status\":\"processing\"", await backplane.ReadJsonAsync(B), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offer_that_may_not_create_makes_nothing()
    {
        var backplane = App().Backplane;

        var result = await backplane.OfferMembersAsync("b", [], expected: 5, mayCreate: false);

        Assert.Equal(OfferOutcome.Refused, result.Outcome);
        Assert.Null(await backplane.ReadJsonAsync(B));
    }

    [Fact]
    public async Task Offer_without_news_tells_how_the_batch_stands()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [Member("a"), Member("c", status: ProgressStatus.Failed)], expected: 4);

        var result = await backplane.OfferMembersAsync("b", [], mayCreate: false, now: Start.AddMinutes(1));

        Assert.Equal(new OfferResult(OfferOutcome.Repeated, new(Attempt, 1), Tally: new(4, 1, Attempt)), result);
    }

    [Fact]
    public async Task Offer_of_a_caller_that_has_seen_more_begins_a_newer_attempt()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [Member("a")]);

        var result = await backplane.OfferMembersAsync("b", [], known: new(Attempt, 7));

        Assert.Equal((OfferOutcome.Accepted, new ProgressRevision(Attempt + 1, 1)), (result.Outcome, result.Revision));
        Assert.Equal(1, (await backplane.ReadBatchAsync("b")).Total);
    }

    [Fact]
    public async Task Offer_to_a_lost_batch_begins_above_what_the_caller_has_seen()
    {
        var backplane = App().Backplane;

        var result = await backplane.OfferMembersAsync("b", [Member("a")], known: new(Attempt + 5000, 7));

        Assert.Equal(new ProgressRevision(Attempt + 5001, 1), result.Revision);
    }

    [Fact]
    public async Task Offer_remaining_time_is_what_is_missing_at_the_average_speed()
    {
        var backplane = App().Backplane;
        await backplane.OfferMembersAsync("b", [], expected: 4, now: Start.AddHours(-1));
        await backplane.OfferMembersAsync("b", [Member("a")]);
        var early = await backplane.ReadBatchAsync("b");

        await backplane.OfferMembersAsync("b", [Member("a", 2, ProgressStatus.Completed)], now: Start.AddSeconds(60));
        var quarter = await backplane.ReadBatchAsync("b");
        await backplane.OfferMembersAsync(
            "b", [Member("c", status: ProgressStatus.Completed), Member("d", status: ProgressStatus.Completed), Member("e", status: ProgressStatus.Completed)], now: Start.AddSeconds(90));

        Assert.Null(early.Remaining);
        Assert.Equal(TimeSpan.FromMinutes(3), quarter.Remaining);
        Assert.Null((await backplane.ReadBatchAsync("b")).Remaining);
    }

    [Fact]
    public async Task Offer_earliest_known_beginning_of_the_work_counts()
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync("b", [Member("a", status: ProgressStatus.Completed)], expected: 2, started: Attempt - 60_000);

        Assert.Equal(TimeSpan.FromMinutes(1), (await backplane.ReadBatchAsync("b")).Remaining);
    }

    [Theory]
    [InlineData("Größe „x“ 🎉")]
    [InlineData("\"quoted\\\"")]
    [InlineData("state")]
    public async Task Offer_ids_may_hold_anything(string id)
    {
        var backplane = App().Backplane;

        await backplane.OfferMembersAsync(id, [Member(id), Member("sums")]);
        await backplane.OfferMembersAsync(id, [Member(id, 2, ProgressStatus.Completed)]);

        Assert.Equal((2, 0, 1, 1, 0, 0), (await backplane.ReadBatchAsync(id)).Counts());
    }

    [Fact]
    public async Task Offer_group_of_documents_and_batches_answers_each_in_order()
    {
        var backplane = App().Backplane;
        OfferGroup group = new() { Retention = TimeSpan.FromHours(1) };
        group.Add(OfferKind.Numbered, new(Attempt, 1), Offers.Fields("a"), publishFull: false);
        group.Add("b", new(null, 0, 0, MayCreate: true, Start), [Member("a"), Member("c")]);
        group.Add(OfferKind.Numbered, new(Attempt, 2), Offers.Fields("c"), publishFull: false);
        group.Add(OfferKind.Numbered, new(Attempt, 3), Offers.Fields("b"), publishFull: false);
        group.Add("e", new(null, 9, 0, MayCreate: true, Start), [Member("f")]);

        await backplane.OfferAsync(group, Stopped);

        Assert.Equal([new(Attempt, 1), new(Attempt, 1), new(Attempt, 2), new(Attempt, 3), new(Attempt, 1)], group.Offers.ToArray().Select(offer => offer.Result.Revision));
        Assert.Equal((2, 9), (group.Offers[1].Result.Tally.Total, group.Offers[4].Result.Tally.Total));
        var read = await backplane.ReadAsync([new("b"), new(B), new("nothing"), new(Subject.Batch("nothing"))], Stopped);
        Assert.Equal([true, true, false, false], read.Select(state => state is not null));
    }

    [Fact]
    public async Task Offer_member_beyond_the_limit_is_dropped_and_told()
    {
        var backplane = App().Backplane;
        for (var i = 0; i < BatchLimits.Members; i += 500)
            await backplane.OfferMembersAsync("b", [.. Enumerable.Range(i, 500).Select(number => Member($"d{number}"))]);

        var result = await backplane.OfferMembersAsync("b", [Member("one more"), Member("d7", 2, ProgressStatus.Completed)]);

        Assert.Equal(new BatchTally(BatchLimits.Members, 1, Attempt, Dropped: 1), result.Tally);
        Assert.Equal((100_000, 0, 99_999, 1, 0, 0), (await backplane.ReadBatchAsync("b")).Counts());
    }
}

public sealed class InProcessBatchTests(SharedServers servers) : BatchContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetBatchTests(SharedServers servers) : BatchContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisBatchTests(SharedServers servers) : BatchContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

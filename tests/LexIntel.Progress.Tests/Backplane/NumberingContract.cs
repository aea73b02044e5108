using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Backplane;

/// <summary>States of plain publishes, which the store numbers.</summary>
public abstract class NumberingContract(SharedServers servers) : BackplaneTest(servers)
{
    private const long Attempt = 1764000000000;

    [Fact]
    public async Task Next_unknown_document_begins_the_given_attempt()
    {
        var result = await App().Backplane.OfferNextAsync("a", Attempt);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 1), 1), result);
    }

    [Fact]
    public async Task Next_known_document_takes_the_next_number_of_the_stored_attempt()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt);

        var result = await backplane.OfferNextAsync("a", Attempt + 1000);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 2), 1), result);
        Assert.Equal(new ProgressRevision(Attempt, 2), await backplane.RenewOneAsync("a"));
    }

    [Fact]
    public async Task Next_from_many_processes_at_once_gives_each_a_number_of_its_own()
    {
        const int Times = 100;
        ProgressApp[] apps = [App(), App(), App(), App()];

        var numbers = await Task.WhenAll(apps.Select(app => Task.Run(async () =>
        {
            var own = new List<long>();
            for (var i = 0; i < Times; i++)
                own.Add((await app.Backplane.OfferNextAsync("a", Attempt)).Revision.Number);
            return own;
        })));

        Assert.Equal(Enumerable.Range(1, apps.Length * Times).Select(number => (long)number), numbers.SelectMany(own => own).Order());
    }

    [Fact]
    public async Task Next_above_a_jobs_state_numbers_on()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 41);

        var result = await backplane.OfferNextAsync("a", Attempt + 1000);

        Assert.Equal(new ProgressRevision(Attempt, 42), result.Revision);
    }

    [Theory]
    [InlineData(0, 0, 5)]
    [InlineData(0, 2, 5)]
    [InlineData(0, 4, 5)]
    [InlineData(0, 5, 6)]
    [InlineData(0, 12, 13)]
    [InlineData(-1000, 12, 5)]
    public async Task Next_after_the_store_forgot_goes_on_above_what_its_publisher_knows(int storedAttempt, int storedNumber, int expected)
    {
        var backplane = App().Backplane;
        if (storedNumber > 0)
            await backplane.OfferAsync("a", Attempt + storedAttempt, storedNumber);

        var result = await backplane.OfferAsync(OfferKind.Next, new(Attempt, 5), Offers.Fields("a"));

        Assert.Equal((OfferOutcome.Accepted, new ProgressRevision(Attempt, expected)), (result.Outcome, result.Revision));
        Assert.StartsWith($"{{\"revision\":\"{Attempt}-{expected}\",", await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_of_an_older_attempt_belongs_to_the_stored_one()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 2);

        var result = await backplane.OfferAsync(OfferKind.Next, new(Attempt - 1000, 5), Offers.Fields("a"));

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 3), 1), result);
    }

    [Fact]
    public async Task Next_unfinished_after_terminal_that_its_publisher_knows_is_refused()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 4, ProgressStatus.Completed);

        Assert.Equal(OfferOutcome.Refused, (await backplane.OfferAsync(OfferKind.Next, new(Attempt, 5), Offers.Fields("a"))).Outcome);
        Assert.Equal(OfferOutcome.Refused, (await backplane.OfferAsync(OfferKind.Next, new(Attempt, 9), Offers.Fields("a"))).Outcome);
    }

    [Theory]
    [InlineData(ProgressStatus.Completed)]
    [InlineData(ProgressStatus.Failed)]
    [InlineData(ProgressStatus.Cancelled)]
    public async Task Next_unfinished_after_terminal_is_refused(ProgressStatus end)
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, end);

        var result = await backplane.OfferNextAsync("a", Attempt);

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt, 1), 1), result);
    }

    [Theory]
    [InlineData(ProgressStatus.Pending)]
    [InlineData(ProgressStatus.Processing)]
    [InlineData(ProgressStatus.Retrying)]
    public async Task Next_after_unfinished_is_accepted(ProgressStatus before)
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, before);

        Assert.Equal(OfferOutcome.Accepted, (await backplane.OfferNextAsync("a", Attempt)).Outcome);
    }

    [Fact]
    public async Task Next_terminal_after_terminal_is_accepted()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Completed);

        var result = await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Failed);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 2), 1), result);
    }

    [Fact]
    public async Task Next_unfinished_after_terminal_of_a_later_run_is_refused()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Completed);
        await backplane.OfferNewAttemptAsync("a", Attempt + 5, ProgressStatus.Completed);

        var result = await backplane.OfferNextAsync("a", Attempt);

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt + 5, 1), 2), result);
    }

    [Fact]
    public async Task NewAttempt_after_terminal_counts_the_run()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Completed);

        var result = await backplane.OfferNewAttemptAsync("a", Attempt + 5000);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt + 5000, 1), 2), result);
        Assert.StartsWith($"{{\"revision\":\"{Attempt + 5000}-1\",\"run\":2,\"status\":", await backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-7000)]
    public async Task NewAttempt_of_a_clock_that_is_behind_is_one_above_the_stored(int behind)
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Failed);

        var result = await backplane.OfferNewAttemptAsync("a", Attempt + behind);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt + 1, 1), 2), result);
    }

    [Fact]
    public async Task NewAttempt_offered_again_is_the_next_number_of_the_attempt_that_it_began()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Failed);
        await backplane.OfferNewAttemptAsync("a", Attempt + 5000);

        var again = await backplane.OfferAsync(OfferKind.NewAttempt, new(Attempt + 5000, 2), Offers.Fields("a"));

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt + 5000, 2), 2), again);
    }

    [Fact]
    public async Task NewAttempt_offered_again_after_it_has_ended_is_refused()
    {
        var backplane = App().Backplane;
        await backplane.OfferNewAttemptAsync("a", Attempt);
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Completed);

        var again = await backplane.OfferAsync(OfferKind.NewAttempt, new(Attempt, 2), Offers.Fields("a"));

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt, 2), 1), again);
    }

    [Theory]
    [InlineData(5000, 5000, 2)]
    [InlineData(-7000, 1, 1)]
    public async Task NewAttempt_offered_again_that_was_not_stored_begins(int clock, int expected, int number)
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Failed);

        var again = await backplane.OfferAsync(OfferKind.NewAttempt, new(Attempt + clock, 2), Offers.Fields("a"));

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt + expected, number), 2), again);
    }

    [Fact]
    public async Task NewAttempt_unknown_document_is_run_1()
    {
        var result = await App().Backplane.OfferNewAttemptAsync("a", Attempt);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt, 1), 1), result);
    }

    [Fact]
    public async Task Numbered_after_pending_is_the_first_run()
    {
        var backplane = App().Backplane;
        await backplane.OfferNextAsync("a", Attempt, ProgressStatus.Pending);

        var result = await backplane.OfferAsync("a", Attempt + 5, 1);

        Assert.Equal(new OfferResult(OfferOutcome.Accepted, new(Attempt + 5, 1), 1), result);
    }

    [Fact]
    public async Task NewAttempt_fences_out_the_older_job()
    {
        var backplane = App().Backplane;
        await backplane.OfferAsync("a", Attempt, 9);
        await backplane.OfferNewAttemptAsync("a", Attempt + 5);

        var late = await backplane.OfferAsync("a", Attempt, 10, ProgressStatus.Completed);

        Assert.Equal(new OfferResult(OfferOutcome.Refused, new(Attempt + 5, 1), 2), late);
    }
}

public sealed class InProcessNumberingTests(SharedServers servers) : NumberingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.InProcess;
}

public sealed class GarnetNumberingTests(SharedServers servers) : NumberingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Garnet;
}

public sealed class RedisNumberingTests(SharedServers servers) : NumberingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Redis;
}

public sealed class ClusterNumberingTests(SharedServers servers) : NumberingContract(servers)
{
    protected override BackplaneKind Kind => BackplaneKind.Cluster;
}

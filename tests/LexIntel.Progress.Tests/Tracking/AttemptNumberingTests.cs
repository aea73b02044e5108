using LexIntel.Progress.Backplane;
using LexIntel.Progress.Tracking;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>What a job does after each answer of the store.</summary>
public sealed class AttemptNumberingTests
{
    private readonly AttemptNumbering _beginning = new(1000, 0, 0);

    [Fact]
    public void Settle_beginning_accepted_takes_the_run_over()
    {
        _beginning.Next();

        Assert.Equal(NumberingVerdict.Stored, _beginning.Settle(new(OfferOutcome.Accepted, new(1000, 1), 3), TimeSpan.Zero));
        Assert.Equal((3, true), (_beginning.Run, _beginning.IsAcknowledged));
    }

    [Fact]
    public void Settle_beginning_refused_at_once_begins_above_the_stored_attempt()
    {
        _beginning.Next();

        Assert.Equal(NumberingVerdict.OfferAgain, _beginning.Settle(new(OfferOutcome.Refused, new(5000, 7), 1), TimeSpan.FromSeconds(1)));
        Assert.Equal(new ProgressRevision(5001, 1), _beginning.Next());
    }

    [Fact]
    public void Settle_beginning_refused_late_is_superseded()
    {
        _beginning.Next();

        Assert.Equal(NumberingVerdict.Superseded, _beginning.Settle(new(OfferOutcome.Refused, new(5000, 7), 1), TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void Settle_beginning_refused_after_an_outage_is_superseded()
    {
        _beginning.Next();
        _beginning.Fail();
        _beginning.Next();

        Assert.Equal(NumberingVerdict.Superseded, _beginning.Settle(new(OfferOutcome.Refused, new(5000, 7), 1), TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Settle_acknowledged_job_refused_by_a_newer_attempt_is_superseded()
    {
        _beginning.Next();
        _beginning.Settle(new(OfferOutcome.Accepted, new(1000, 1), 1), TimeSpan.Zero);
        _beginning.Next();

        Assert.Equal(NumberingVerdict.Superseded, _beginning.Settle(new(OfferOutcome.Refused, new(1001, 1), 2), TimeSpan.Zero));
    }

    [Fact]
    public void Settle_same_attempt_with_a_higher_number_numbers_on_above_it()
    {
        _beginning.Next();
        _beginning.Settle(new(OfferOutcome.Accepted, new(1000, 1), 1), TimeSpan.Zero);
        _beginning.Next();

        Assert.Equal(NumberingVerdict.OfferAgain, _beginning.Settle(new(OfferOutcome.Refused, new(1000, 9), 1), TimeSpan.Zero));
        Assert.Equal(new ProgressRevision(1000, 10), _beginning.Next());
    }

    [Fact]
    public void Settle_beginning_refused_by_the_same_attempt_takes_the_next_attempt()
    {
        _beginning.Next();

        Assert.Equal(NumberingVerdict.OfferAgain, _beginning.Settle(new(OfferOutcome.Refused, new(1000, 1), 1), TimeSpan.Zero));
        Assert.Equal(new ProgressRevision(1001, 1), _beginning.Next());
    }

    [Fact]
    public void Settle_continued_attempt_refused_by_a_newer_one_is_superseded()
    {
        var continued = new AttemptNumbering(1000, 5, 1);
        continued.Next();

        Assert.Equal(NumberingVerdict.Superseded, continued.Settle(new(OfferOutcome.Refused, new(2000, 1), 2), TimeSpan.Zero));
    }

    [Theory]
    [InlineData(null, NumberingVerdict.OfferAgain)]
    [InlineData("1000-1", NumberingVerdict.OfferAgain)]
    [InlineData("999-9", NumberingVerdict.OfferAgain)]
    [InlineData("1000-2", NumberingVerdict.Stored)]
    [InlineData("1000-9", NumberingVerdict.OfferAgain)]
    [InlineData("1001-1", NumberingVerdict.Superseded)]
    public void Compare_what_is_stored_tells_loss_regress_and_fencing(string? stored, object expected)
    {
        _beginning.Next();
        _beginning.Next();

        Assert.Equal(expected, _beginning.Compare(stored is null ? null : ProgressRevision.Parse(stored), isEnded: false));
    }

    [Fact]
    public void Compare_higher_number_is_numbered_above_once_while_the_job_runs()
    {
        _beginning.Next();

        Assert.Equal(NumberingVerdict.Stored, _beginning.Compare(new(1000, 9), isEnded: true));
        Assert.Equal(NumberingVerdict.OfferAgain, _beginning.Compare(new(1000, 9), isEnded: false));
        Assert.Equal(new ProgressRevision(1000, 10), _beginning.Next());
        Assert.Equal(NumberingVerdict.Stored, _beginning.Compare(new(1000, 10), isEnded: false));
    }
}

using LexIntel.Progress.Http;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Http;

/// <summary>Which of the states that streams and polls tell is shown.</summary>
public sealed class InboxTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 3, 12, 0, 0, TimeSpan.Zero);

    private readonly Inbox _inbox = new(["a"], after: null);

    [Fact]
    public void Offer_older_or_equal_revision_is_ignored_whoever_tells_it()
    {
        _inbox.Offer(Stored(2, 50), isRecord: false);
        _inbox.Offer(Stored(2, 40), isRecord: false);
        _inbox.Offer(Stored(1, 90), isRecord: true);

        Assert.Equal([50], Taken());
    }

    [Fact]
    public void Offer_newer_revision_replaces_what_was_not_taken()
    {
        _inbox.Offer(Stored(1, 10), isRecord: false);
        _inbox.Offer(Stored(2, 20), isRecord: false);

        Assert.Equal([20], Taken());
    }

    [Fact]
    public void Offer_record_without_revision_counts_when_nothing_else_is_known()
    {
        _inbox.Offer(Plain(30, Noon), isRecord: true);
        _inbox.Offer(Stored(1, 10), isRecord: false);
        _inbox.Offer(Plain(99, Noon.AddHours(1)), isRecord: true);

        Assert.Equal([10], Taken());
    }

    [Fact]
    public void Offer_end_that_only_the_record_knows_ends_it_though_it_is_older()
    {
        _inbox.Offer(Stored(1, 10), isRecord: false);
        _inbox.Offer(Plain(10, Noon.AddHours(-1), ProgressStatus.Failed), isRecord: true);

        Assert.True(_inbox.TryTake(out var state));
        Assert.Equal(ProgressStatus.Failed, state.Status);
        Assert.True(_inbox.IsExhausted);
    }

    [Fact]
    public void Offer_plain_messages_queue_and_are_not_told_twice()
    {
        for (var percent = 1; percent <= 3; percent++)
        {
            _inbox.Offer(Plain(percent, Noon), isRecord: false);
            _inbox.Offer(Plain(percent, Noon), isRecord: false);
        }

        Assert.Equal([1, 2, 3], Taken());
    }

    [Fact]
    public void Offer_flood_of_plain_messages_is_bounded()
    {
        for (var i = 0; i < 1_000; i++)
            _inbox.Offer(Plain(i / 11.0, Noon), isRecord: false);

        Assert.InRange(Taken().Count, 1, 16);
    }

    [Fact]
    public void Offer_end_that_the_reader_has_already_finishes_without_a_state()
    {
        var inbox = new Inbox(["a"], new ProgressRevision(1, 5));
        inbox.Offer(Stored(5, 100, ProgressStatus.Completed), isRecord: false);

        Assert.True(inbox.IsExhausted);
        Assert.False(inbox.TryTake(out _));
    }

    [Fact]
    public void Offer_older_end_than_the_reader_has_finishes_nothing()
    {
        var inbox = new Inbox(["a"], new ProgressRevision(1, 5));
        inbox.Offer(Stored(4, 100, ProgressStatus.Completed), isRecord: false);

        Assert.False(inbox.IsExhausted);
    }

    [Fact]
    public void TryTake_documents_take_turns()
    {
        var inbox = new Inbox(["a", "b"], after: null);
        for (var percent = 1; percent <= 3; percent++)
        {
            inbox.Offer(Plain(percent, Noon), isRecord: false);
            inbox.Offer(Plain(percent, Noon) with { DocumentId = "b" }, isRecord: false);
        }

        List<string> taken = [];
        while (inbox.TryTake(out var state))
            taken.Add($"{state.Subject.Id}{state.Snapshot.Percent}");
        Assert.Equal(["a1", "b1", "a2", "b2", "a3", "b3"], taken);
    }

    [Fact]
    public void Offer_state_of_a_document_that_is_not_watched_is_ignored()
    {
        _inbox.Offer(Plain(1, Noon) with { DocumentId = "A" }, isRecord: false);

        Assert.Empty(Taken());
    }

    [Fact]
    public void Refuse_401_in_mid_stream_is_worth_one_request_with_a_fresh_token()
    {
        var refusal = new ProgressRefusedException("No.", System.Net.HttpStatusCode.Unauthorized);

        Assert.False(_inbox.Refuse("a", refusal, isFresh: false));
        _inbox.Offer(Stored(1, 10), isRecord: false);
        Assert.False(_inbox.Refuse("a", refusal, isFresh: false));
        _inbox.ThrowIfRefused();
        Assert.True(_inbox.Refuse("a", refusal, isFresh: false));

        Assert.Same(refusal, Assert.Throws<ProgressRefusedException>(_inbox.ThrowIfRefused));
        Assert.Equal([10], Taken());
        Assert.True(_inbox.IsExhausted);
    }

    private List<double> Taken()
    {
        List<double> taken = [];
        while (_inbox.TryTake(out var state))
            taken.Add(state.Snapshot.Percent);
        return taken;
    }

    private static StateFields Stored(int number, double percent, ProgressStatus status = ProgressStatus.Processing) =>
        Plain(percent, Noon, status) with { Revision = new ProgressRevision(1, number) };

    private static StateFields Plain(double percent, DateTimeOffset timestamp, ProgressStatus status = ProgressStatus.Processing) =>
        new() { DocumentId = "a", Status = status, Step = "x", Message = "", Percent = percent, Timestamp = timestamp };
}

using LexIntel.Progress.Hub;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>Which aggregate counts for a reader that has seen the batch before.</summary>
public sealed class BatchStandingTests
{
    private readonly Standing _standing = new();

    [Fact]
    public void Aggregate_of_fewer_documents_than_before_is_not_the_end()
    {
        Offer(1, 5, new(1000, 400, 100, 500, 0, 0), ProgressStatus.Processing, 55);

        Offer(2, 1, new(10, 0, 0, 9, 1, 0), ProgressStatus.Completed, 100);

        var batch = _standing.Current!.BatchSnapshot;
        Assert.Equal((1000, 990, 0, 9, 1, 0), batch.Counts());
        Assert.Equal((1, false, false), (batch.Percent, batch.IsFinished, _standing.Current.IsTerminal));
        Assert.Equal(new ProgressRevision(2, 1), batch.Revision);
    }

    [Fact]
    public void Aggregate_of_all_documents_is_the_end_however_many_were_missing_between()
    {
        Offer(1, 5, new(3, 0, 3, 0, 0, 0), ProgressStatus.Processing, 10);
        Offer(2, 1, new(1, 0, 0, 1, 0, 0), ProgressStatus.Completed, 100);

        Offer(2, 2, new(3, 0, 0, 3, 0, 0), ProgressStatus.Completed, 100);

        Assert.True(_standing.Current is { IsTerminal: true, BatchSnapshot.IsFinished: true });
    }

    [Fact]
    public void Aggregate_that_is_older_changes_nothing()
    {
        Offer(2, 5, new(3, 0, 3, 0, 0, 0), ProgressStatus.Processing, 10);

        Assert.False(Offer(2, 4, new(9, 9, 0, 0, 0, 0), ProgressStatus.Processing, 0));
        Assert.False(Offer(1, 9, new(9, 9, 0, 0, 0, 0), ProgressStatus.Processing, 0));

        Assert.Equal(3, _standing.Current!.BatchSnapshot.Total);
    }

    private bool Offer(long attempt, long number, BatchCounts counts, ProgressStatus status, double percent)
    {
        StateFields fields = new() { DocumentId = "b", Revision = new(attempt, number), Status = status, Step = "", Message = "", Percent = percent, Steps = [], Counts = counts };
        return _standing.Offer(new State(fields, StateOrigin.Stored), isLeaseAlive: false, isLive: true, DateTimeOffset.UnixEpoch);
    }
}

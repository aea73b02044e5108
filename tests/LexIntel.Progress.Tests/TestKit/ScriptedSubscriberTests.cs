using LexIntel.Progress.Testing;

namespace LexIntel.Progress.Tests.TestKit;

/// <summary>The reader that a test gives its states.</summary>
public sealed class ScriptedSubscriberTests
{
    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubscribeAsync_yields_each_state_of_the_document_until_its_end()
    {
        var subscriber = new ScriptedSubscriber(State("a", 1), State("b", 2), State("a", 3), End("a"), State("a", 4));

        Assert.Equal([1, 3, 100], await subscriber.SubscribeAsync("a", cancellationToken: Stopped).Select(state => state.Percent).ToListAsync(Stopped));
    }

    [Fact]
    public async Task SubscribeAsync_many_documents_ends_after_the_last_end()
    {
        var subscriber = new ScriptedSubscriber(State("a", 1), End("b"), State("c", 2), End("a"), End("c"));

        Assert.Equal(["a", "b", "a"], await subscriber.SubscribeAsync(["a", "b"], Stopped).Select(state => state.DocumentId).ToListAsync(Stopped));
    }

    [Fact]
    public async Task SubscribeAsync_after_a_revision_leaves_out_what_is_not_newer()
    {
        var subscriber = new ScriptedSubscriber(State("a", 1) with { Revision = new(7, 1) }, State("a", 2) with { Revision = new(7, 2) }, End("a"));

        Assert.Equal([2, 100], await subscriber.SubscribeAsync("a", new ProgressRevision(7, 1), Stopped).Select(state => state.Percent).ToListAsync(Stopped));
    }

    [Fact]
    public async Task SubscribeAsync_without_an_end_waits_until_it_is_cancelled()
    {
        var subscriber = new ScriptedSubscriber(State("a", 1));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stopped);
        await using var states = subscriber.SubscribeAsync("a", cancellationToken: leaving.Token).GetAsyncEnumerator(Stopped);
        Assert.True(await states.MoveNextAsync());

        var next = states.MoveNextAsync();
        Assert.False(next.IsCompleted);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.AsTask());
    }

    [Fact]
    public async Task GetSnapshotAsync_is_the_newest_state_or_nothing()
    {
        var subscriber = new ScriptedSubscriber(State("a", 1), State("a", 2));

        Assert.Equal(2, (await subscriber.GetSnapshotAsync("a", Stopped))!.Percent);
        Assert.Null(await subscriber.GetSnapshotAsync("b", Stopped));
    }

    [Fact]
    public async Task Batches_are_read_likewise()
    {
        var (first, last) = (Batch(completed: 0), Batch(completed: 2));
        var subscriber = new ScriptedSubscriber { Batches = [first, last] };

        Assert.Equal([first, last], await subscriber.SubscribeBatchAsync("b", cancellationToken: Stopped).ToListAsync(Stopped));
        Assert.Equal(last, await subscriber.GetBatchAsync("b", Stopped));
    }

    [Fact]
    public void SubscribeAsync_id_that_breaks_the_rules_throws_at_the_call()
    {
        Assert.Throws<ArgumentException>(() => new ScriptedSubscriber().SubscribeAsync(""));
        Assert.Throws<ArgumentException>(() => new ScriptedSubscriber().SubscribeBatchAsync("."));
    }

    private static ProgressSnapshot State(string id, double percent) => new() { DocumentId = id, Status = ProgressStatus.Processing, Percent = percent };

    private static ProgressSnapshot End(string id) => new() { DocumentId = id, Status = ProgressStatus.Completed, Percent = 100 };

    private static ProgressBatchSnapshot Batch(int completed) => new() { BatchId = "b", Total = 2, Processing = 2 - completed, Completed = completed };
}

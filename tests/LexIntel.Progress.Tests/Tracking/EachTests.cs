using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>Going through items moves the bar by one part for each item that is done.</summary>
public sealed class EachTests : IAsyncDisposable
{
    private readonly ProgressApp _app = ProgressApp.Create();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Each_collection_moves_the_bar_when_an_item_is_done()
    {
        await using var job = _app.Publisher.Start("a");
        List<double> percents = [];
        foreach (var _ in job.Each((int[])[1, 2, 3, 4]))
            percents.Add(job.Percent);

        Assert.Equal([0, 25, 50, 75], percents);
        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_moves_inside_the_step()
    {
        await using var job = _app.Publisher.Start("a", ProgressPlan.Equal("one", "two"));
        job.StartStep("two");
        foreach (var _ in job.Each((string[])["x", "y"]))
            Assert.InRange(job.Percent, 50, 75);

        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_enumerable_with_count_uses_the_count()
    {
        await using var job = _app.Publisher.Start("a");
        List<double> percents = [];
        foreach (var _ in job.Each(Lazy(2), count: 4))
            percents.Add(job.Percent);

        Assert.Equal([0, 25], percents);
        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_more_items_than_counted_stays_at_the_end()
    {
        await using var job = _app.Publisher.Start("a");
        Assert.Equal(5, job.Each(Lazy(5), count: 2).Count());

        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_enumerable_without_count_says_what_to_pass()
    {
        await using var job = _app.Publisher.Start("a");

        var error = Assert.Throws<ArgumentException>(() => { job.Each(Lazy(3)); });

        Assert.Contains("Pass the count", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_negative_count_is_refused_at_the_call()
    {
        await using var job = _app.Publisher.Start("a");

        Assert.Throws<ArgumentOutOfRangeException>(() => { job.Each(Lazy(3), -1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { job.Each(LazyAsync(3), -1); });
    }

    [Fact]
    public async Task Each_empty_collection_finishes_the_step()
    {
        await using var job = _app.Publisher.Start("a");
        Assert.Empty(job.Each(Array.Empty<int>()));

        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_left_early_stays_where_it_is()
    {
        await using var job = _app.Publisher.Start("a");
        foreach (var item in job.Each((int[])[1, 2, 3, 4]))
        {
            if (item == 3)
                break;
        }

        Assert.Equal(50, job.Percent);
    }

    [Fact]
    public async Task Each_async_sequence_moves_the_bar_when_an_item_is_done()
    {
        await using var job = _app.Publisher.Start("a");
        List<double> percents = [];
        await foreach (var _ in job.Each(LazyAsync(4), 4))
            percents.Add(job.Percent);

        Assert.Equal([0, 25, 50, 75], percents);
        Assert.Equal(100, job.Percent);
    }

    [Fact]
    public async Task Each_async_sequence_token_reaches_the_source()
    {
        await using var job = _app.Publisher.Start("a");
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in job.Each(LazyAsync(4), 4, stop.Token))
                await stop.CancelAsync();
        });

        Assert.Equal(25, job.Percent);
    }

    private static IEnumerable<int> Lazy(int count)
    {
        for (var i = 0; i < count; i++)
            yield return i;
    }

    private static async IAsyncEnumerable<int> LazyAsync(int count, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            yield return i;
        }
    }
}

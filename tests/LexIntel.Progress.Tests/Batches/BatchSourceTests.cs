using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>The host's database knows how its batches stand, or does not.</summary>
public sealed class BatchSourceTests
{
    [Fact]
    public async Task Batch_that_is_not_stored_is_read_from_the_source()
    {
        await using var app = ProgressApp.Create(builder => builder.UseSnapshotSource<Knowing>());

        await using var history = new BatchHistory(app.Subscriber, "known");

        Assert.Equal((9, 0, 0, 8, 1, 0), Assert.Single(await history.EndAsync()).Counts());
        Assert.Equal(9, (await app.Subscriber.GetBatchAsync("known"))!.Total);
    }

    [Fact]
    public async Task Batch_that_is_stored_counts_before_the_source()
    {
        await using var app = ProgressApp.Create(builder => builder.UseSnapshotSource<Knowing>());
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 10) { BatchId = "known" });
        await app.FlushAsync();

        Assert.Equal((1, 0, 1, 0, 0, 0), (await app.Subscriber.GetBatchAsync("known"))!.Counts());
    }

    [Theory]
    [InlineData("unknown", true)]
    [InlineData("known", false)]
    public async Task Batch_is_unknown_only_to_a_source_that_knows_batches(string batchId, bool isKnowing)
    {
        await using var app = ProgressApp.Create(builder => _ = isKnowing ? builder.UseSnapshotSource<Knowing>() : builder.UseSnapshotSource<Ignorant>());

        var reading = await app.Hub.ReadAsync(Subject.Batch(batchId));

        Assert.Null(reading.State);
        Assert.Equal(isKnowing, reading.IsUnknown);
    }

    private sealed class Knowing : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) => new([]);

        public ValueTask<IReadOnlyList<ProgressBatchSnapshot>?> GetBatchesAsync(IReadOnlyCollection<string> batchIds, CancellationToken cancellationToken) =>
            new([.. batchIds.Where(id => id == "known").Select(id => new ProgressBatchSnapshot { BatchId = id, Total = 9, Completed = 8, Failed = 1, Percent = 100 })]);
    }

    private sealed class Ignorant : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) => new([]);
    }
}

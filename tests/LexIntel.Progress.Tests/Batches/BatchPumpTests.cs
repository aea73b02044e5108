using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Batches;

/// <summary>When a batch's members are sent, and how long they are remembered, by a clock that only the test moves.</summary>
public sealed class BatchPumpTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private ProgressApp? _app;
    private RecordingBackplane? _backplane;

    public async ValueTask DisposeAsync()
    {
        _backplane!.BeforeOffer = null;
        var disposing = _app!.DisposeAsync().AsTask();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return disposing.IsCompleted;
            },
            "disposal");
    }

    [Fact]
    public async Task First_member_is_sent_as_soon_as_its_document_is_stored()
    {
        var app = App();

        await PublishAsync("a");

        await SentAsync(["a"]);
        Assert.Equal("a", Assert.Single(_backplane!.Offers).DocumentId);
        Assert.NotNull(await app.Backplane.ReadOneAsync("a"));
    }

    [Fact]
    public async Task Members_within_the_interval_are_sent_in_one_call_at_its_end()
    {
        var app = App();
        await PublishAsync("a");
        await SentAsync(["a"]);
        for (var i = 0; i < 50; i++)
            await PublishAsync($"d{i}");
        await Eventually.TrueAsync(() => _backplane!.Offers.Count == 51, "all documents to be sent");
        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        await SettleAsync(app);
        Assert.Single(_backplane!.BatchOffers);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        await SentAsync(["a"], [.. Enumerable.Range(0, 50).Select(i => $"d{i}")]);
    }

    [Fact]
    public async Task Last_end_of_a_batch_does_not_wait_for_the_interval()
    {
        var app = App();
        await app.Publisher.DeclareBatchAsync(new("b", 2));
        await PublishAsync("a", ProgressStatus.Completed);
        await app.FlushAsync();

        await PublishAsync("c", ProgressStatus.Failed);

        await Eventually.TrueAsync(() => _backplane!.BatchOffers[^1].Members is [{ DocumentId: "c" }], "the last end");
        Assert.True((await app.Subscriber.GetBatchAsync("b"))!.IsFinished);
    }

    [Fact]
    public async Task Many_members_go_in_calls_of_500_one_after_the_other()
    {
        var app = App();
        await PublishAsync("first");
        await SentAsync(["first"]);
        for (var i = 0; i < 1200; i++)
            await PublishAsync($"d{i}");
        await Eventually.TrueAsync(() => _backplane!.Offers.Count == 1201, "all documents to be sent");

        await app.FlushAsync();

        Assert.Equal([1, 500, 500, 200], _backplane!.BatchOffers.Select(offer => offer.Members.Count));
    }

    [Fact]
    public async Task Call_that_fails_is_repeated_with_the_newest_of_each_member()
    {
        var app = App();
        await PublishAsync("a");
        await SentAsync(["a"]);
        // The document gets through, the batch does not.
        _backplane!.BeforeOffer = () => _backplane.BatchOffers.Count == 2 ? throw new TimeoutException("away") : Task.CompletedTask;
        await PublishAsync("a", ProgressStatus.Completed);
        await PublishAsync("c");
        await Eventually.TrueAsync(() => _backplane.Offers.Count == 3, "both documents");
        _time.Advance(Interval);
        await app.Log.WaitForAsync("OutboxWaits");
        _backplane.BeforeOffer = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await app.FlushAsync();

        Assert.Equal((2, 0, 1, 1, 0, 0), (await app.Subscriber.GetBatchAsync("b"))!.Counts());
        Assert.Equal(["a", "c"], _backplane.BatchOffers[^1].Members.Select(member => member.DocumentId).Order());
    }

    [Fact]
    public async Task Unfinished_batch_is_looked_at_three_times_per_lease_and_lives_on()
    {
        var app = App(options => options.Retention = TimeSpan.FromMinutes(1));
        await PublishAsync("a");
        await SentAsync(["a"]);

        await AdvanceUntilAsync(() => _backplane!.BatchOffers.Count > 30, "many looks");

        Assert.All(_backplane!.BatchOffers.Skip(1), offer => Assert.Empty(offer.Members));
        Assert.All(_backplane.BatchOffers.Zip(_backplane.BatchOffers.Skip(1)).Skip(1), pair => Assert.InRange(pair.Second.At - pair.First.At, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7)));
        Assert.NotNull(await app.Subscriber.GetBatchAsync("b"));
    }

    [Fact]
    public async Task Finished_batch_leaves_the_outbox_after_a_minute()
    {
        var app = App();
        await PublishAsync("a", ProgressStatus.Completed);
        await SentAsync(["a"]);
        var end = _time.GetUtcNow();
        // The clock waits for the pump, else it is ahead of it on a busy machine.
        foreach (var seconds in Enumerable.Repeat(1, 70).Concat(Enumerable.Repeat(10, 12)))
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await SettleAsync(app);
        }

        Assert.InRange(_backplane!.BatchOffers[^1].At - end, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        Assert.True((await app.Subscriber.GetBatchAsync("b"))!.IsFinished);
    }

    [Fact]
    public async Task Members_beyond_the_outbox_capacity_are_let_go_when_they_are_stored_and_ended()
    {
        var app = App(options => options.OutboxCapacity = 20);
        await app.Publisher.DeclareBatchAsync(new("b", 1000));
        for (var i = 0; i < 60; i++)
        {
            await PublishAsync($"d{i}", ProgressStatus.Completed);
            await app.FlushAsync();
        }

        _time.Advance(TimeSpan.FromSeconds(5));
        await app.Log.WaitForAsync("MembersForgotten");

        Assert.Equal(60, (await app.Subscriber.GetBatchAsync("b"))!.Completed);
    }

    private ProgressApp App(Action<ProgressOptions>? configure = null)
    {
        _app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(
                provider => _backplane = new(new InProcessBackplane(provider.GetRequiredService<IOptions<ProgressOptions>>(), _time), _time))),
            configure, _time);
        _ = _app.Backplane;
        return _app;
    }

    /// <summary>Lets time pass, a second at each look, so that whatever is due in it happens in it.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition, string expected) => await Eventually.TrueAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        },
        expected);

    private async Task PublishAsync(string documentId, ProgressStatus status = ProgressStatus.Processing) =>
        await _app!.Publisher.PublishAsync(new ProgressUpdate(documentId, "x", 10) { Status = status, BatchId = "b" });

    private async Task SentAsync(params string[][] members) => await Eventually.TrueAsync(
        () => _backplane!.BatchOffers.Select(offer => string.Join(' ', offer.Members.Select(member => member.DocumentId))).SequenceEqual(members.Select(call => string.Join(' ', call))),
        "certain members");

    /// <summary>A round of the pump that is certainly over: another document was sent after everything before.</summary>
    private async Task SettleAsync(ProgressApp app)
    {
        var other = Guid.NewGuid().ToString();
        await app.Publisher.PublishAsync(new ProgressUpdate(other, "x", 77));
        await Eventually.TrueAsync(() => _backplane!.Offers.Any(offer => offer.DocumentId == other), "the other document");
    }
}

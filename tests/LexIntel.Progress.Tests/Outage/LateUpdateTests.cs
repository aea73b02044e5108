using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Outage;

/// <summary>A plain update that waited through an outage says what was true when it was reported.</summary>
public sealed class LateUpdateTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public async Task Update_from_before_a_job_that_is_stored_first_after_an_outage_does_not_supersede_the_job()
    {
        var store = new InProcessBackplane(Options.Create(new ProgressOptions()), _time);
        var (toApi, toWorker) = (Away(store), Away(store));
        await using var api = App(toApi);
        await using var worker = App(toWorker);
        await api.Publisher.PublishAsync(new("a", "", 0) { Status = ProgressStatus.Pending });
        await api.Log.WaitForAsync("OutboxWaits");
        _time.Advance(TimeSpan.FromSeconds(1));
        await using var job = worker.Publisher.Start("a");
        await worker.Log.WaitForAsync("OutboxWaits");
        _time.Advance(TimeSpan.FromSeconds(19));

        await HealAsync(api, toApi);
        await HealAsync(worker, toWorker);
        job.Complete("the job");

        Assert.Equal((ProgressStatus.Completed, "the job"), ((await worker.StoredAsync("a")).Status, (await worker.StoredAsync("a")).Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Update_after_the_store_forgot_goes_on_above_what_was_stored_before(bool isEnd)
    {
        var store = new InProcessBackplane(Options.Create(new ProgressOptions { Retention = TimeSpan.FromHours(1) }), _time);
        await using var app = App(new(store, _time));
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 1) { NewAttempt = true });
        await app.FlushAsync();
        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 1) { NewAttempt = true });
        var before = await app.StoredAsync("a");
        _time.Advance(TimeSpan.FromHours(2));

        await app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 2) { Status = isEnd ? ProgressStatus.Completed : ProgressStatus.Processing });

        var after = await app.StoredAsync("a");
        Assert.Equal((before.Revision!.Value with { Number = 2 }, 2), (after.Revision, after.Run));
    }

    [Fact]
    public void Update_reported_while_the_one_before_is_under_way_begins_an_attempt_as_old_as_that_and_once_it_is_answered_goes_on_above_it()
    {
        var entry = new UpdateEntry("a", _time);
        entry.Accept(new("a", "x", 1));
        Assert.Equal(new(_time.Start.ToUnixTimeMilliseconds(), 1), OfferAndReport(entry));
        entry.Settle(new(OfferOutcome.Unknown));

        Assert.Equal(new(_time.Start.ToUnixTimeMilliseconds(), 1), OfferAndReport(entry));
        entry.Settle(new(OfferOutcome.Accepted, new(7, 3), 1));

        Assert.Equal(new(7, 4), OfferAndReport(entry));
        entry.Settle(new(OfferOutcome.Unknown));

        // It may have been stored as 7-4.
        Assert.Equal(new(7, 5), OfferAndReport(entry));
    }

    [Fact]
    public void New_attempt_whose_answer_was_lost_is_not_begun_twice()
    {
        var entry = new UpdateEntry("a", _time);
        var began = _time.Start.ToUnixTimeMilliseconds();
        entry.Accept(new("a", "x", 1) { NewAttempt = true });
        Assert.Equal(new(began, 1), OfferAndReport(entry, OfferKind.NewAttempt));
        entry.Settle(new(OfferOutcome.Unknown));

        Assert.Equal(new(began, 2), OfferAndReport(entry, OfferKind.NewAttempt));
        entry.Accept(new("a", "x", 1) { NewAttempt = true });
        entry.Settle(new(OfferOutcome.Unknown));

        // This one was not offered yet.
        Assert.Equal(new(_time.GetUtcNow().ToUnixTimeMilliseconds(), 1), OfferAndReport(entry, OfferKind.NewAttempt));
        entry.Settle(new(OfferOutcome.Accepted, new(began + 20_000, 1), 2));

        // A clock that stands still, or is behind, begins one above all the same.
        entry.Accept(new("a", "x", 1) { NewAttempt = true });
        Assert.Equal(new(began + 20_001, 1), Offer(entry, OfferKind.NewAttempt));
    }

    [Fact]
    public void Update_after_an_end_begins_above_it_where_the_end_is_forgotten()
    {
        var entry = new UpdateEntry("a", _time);
        entry.Accept(new("a", "x", 1) { Status = ProgressStatus.Failed });
        var end = Offer(entry) with { Attempt = long.MaxValue / 4000 };
        entry.Settle(new(OfferOutcome.Accepted, end, 1));
        entry.Accept(new("a", "x", 2));

        Assert.Equal(new(end.Attempt + 1, 1), Offer(entry));
        entry.Settle(new(OfferOutcome.Refused, end, 1));

        entry.Accept(new("a", "x", 2) { Status = ProgressStatus.Completed });
        Assert.Equal(end with { Number = end.Number + 1 }, Offer(entry));
    }

    /// <summary>Offers what is newest, and reports something while that is under way. The revision under which it was offered.</summary>
    private ProgressRevision OfferAndReport(UpdateEntry entry, OfferKind kind = OfferKind.Next)
    {
        var offered = Offer(entry, kind);
        entry.Accept(new("a", "x", 2));
        return offered;
    }

    private ProgressRevision Offer(UpdateEntry entry, OfferKind kind = OfferKind.Next)
    {
        OfferGroup group = new();
        entry.IsInFlight = true;
        Assert.True(entry.TryOffer(group));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(kind, group.Offers[0].Kind);
        return group.Offers[0].Revision;
    }

    private RecordingBackplane Away(IBackplane store) => new(store, _time) { BeforeOffer = static () => throw new TimeoutException("away") };

    private ProgressApp App(RecordingBackplane way) => ProgressApp.Create(builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(way)), time: _time);

    private async Task HealAsync(ProgressApp app, RecordingBackplane way)
    {
        way.BeforeOffer = null;
        var flush = app.FlushAsync();
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
                return flush.IsCompleted;
            },
            "all to be stored");
        await flush;
    }
}

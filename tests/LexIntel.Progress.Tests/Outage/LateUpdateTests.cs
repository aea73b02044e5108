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

    [Fact]
    public async Task Update_after_the_store_forgot_begins_above_what_was_stored_before()
    {
        var store = new InProcessBackplane(Options.Create(new ProgressOptions { Retention = TimeSpan.FromHours(1) }), _time);
        await using var app = App(new(store, _time));
        await app.Publisher.PublishAsync(new("a", "x", 1));
        var before = (await app.StoredAsync("a")).Revision;
        _time.Advance(TimeSpan.FromHours(2));

        await app.Publisher.PublishAsync(new("a", "x", 2));

        Assert.True((await app.StoredAsync("a")).Revision!.Value.Attempt > before!.Value.Attempt);
    }

    [Fact]
    public void Update_reported_while_the_one_before_is_under_way_begins_an_attempt_as_old_as_that_unless_it_was_answered()
    {
        var entry = new UpdateEntry("a", _time);
        entry.Accept(new("a", "x", 1));
        Assert.Equal(_time.Start, OfferAndReport());
        entry.Settle(new(OfferOutcome.Unknown));

        Assert.Equal(_time.Start, OfferAndReport());
        entry.Settle(new(OfferOutcome.Accepted, new(1, 1), 1));

        var answeredAt = _time.GetUtcNow();
        Assert.Equal(answeredAt, OfferAndReport());

        DateTimeOffset OfferAndReport()
        {
            OfferGroup group = new();
            entry.IsInFlight = true;
            Assert.True(entry.TryOffer(group));
            _time.Advance(TimeSpan.FromSeconds(5));
            entry.Accept(new("a", "x", 2));
            return DateTimeOffset.FromUnixTimeMilliseconds(group.Offers[0].Revision.Attempt);
        }
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

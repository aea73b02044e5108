using System.Runtime.CompilerServices;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Tracking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>Whose lease is renewed and when, and that nothing holds it up.</summary>
public sealed class RenewalTests
{
    [Fact]
    public void Stored_end_of_an_update_that_others_have_passed_is_not_renewed()
    {
        var entry = new UpdateEntry("a", TimeProvider.System);
        entry.Accept(new("a", "", 100) { Status = ProgressStatus.Completed });
        Assert.True(entry.TryOffer(new OfferGroup()));
        entry.Settle(new(OfferOutcome.Accepted, new(5, 2), 1));
        entry.Renewed(new(5, 2));
        Assert.True(entry.NeedsRenewal);

        entry.Renewed(new(6, 1));

        Assert.False(entry.NeedsRenewal);
    }

    [Fact]
    public async Task Job_that_was_handed_over_and_gone_on_with_is_not_renewed()
    {
        await using var app = ProgressApp.Create();
        var outbox = new Outbox(new(), TimeProvider.System, () => false, app.Services.GetRequiredService<ProgressMetrics>(), NullLogger<Outbox>.Instance);
        var job = outbox.Add("a", null, new());
        var attempt = job.HandOver();
        Assert.True(job.TryOffer(new OfferGroup()));
        job.Settle(new(OfferOutcome.Accepted, new(attempt.Attempt, attempt.Number), 1));
        job.Renewed(new(attempt.Attempt, attempt.Number));
        Assert.True(job.NeedsRenewal);

        job.Renewed(new(attempt.Attempt, attempt.Number + 1));

        Assert.False(job.NeedsRenewal);
    }

    [Fact]
    public async Task Job_that_is_quiet_is_renewed_while_another_document_is_reported_without_a_pause()
    {
        RecordingBackplane? backplane = null;
        await using var app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider =>
                backplane = new(ActivatorUtilities.CreateInstance<InProcessBackplane>(provider), TimeProvider.System))),
            options => (options.Lease, options.PublishInterval) = (TimeSpan.FromSeconds(3), TimeSpan.Zero));
        await using var quiet = app.Publisher.Start("quiet");
        await app.FlushAsync();
        var percent = 0;
        // Whenever something is sent there is something to send again.
        backplane!.BeforeOffer = () => app.Publisher.PublishAsync(new("busy", "", percent++ % 100)).AsTask();
        await app.Publisher.PublishAsync(new("busy", "", 0));

        await Eventually.TrueAsync(() => backplane.Renewals > 0, "a renewal");
        backplane.BeforeOffer = null;
    }

    [Fact]
    public async Task Job_whose_reports_are_stored_is_not_renewed_as_well()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var app = ProgressApp.Create(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(provider =>
                new RecordingBackplane(ActivatorUtilities.CreateInstance<InProcessBackplane>(provider), time))),
            options => options.Lease = TimeSpan.FromSeconds(3), time);
        var backplane = (RecordingBackplane)app.Backplane;
        await using var job = app.Publisher.Start("a");
        for (var i = 1; i <= 20; i++)
        {
            job.Report(i / 100.0);
            await app.FlushAsync();
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.Equal(0, backplane.Renewals);

        await app.FlushAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => backplane.Renewals == 1, "the renewal of a job that has fallen silent");
    }

    [Fact]
    public async Task Slots_are_due_a_third_of_a_lease_after_their_last_beat_each_in_its_time()
    {
        await using var care = new Care();
        var (first, second) = (care.AddJob("first"), care.AddJob("second"));
        care.Advance(3);
        second.BeatAt = care.Now;
        care.Advance(2);

        Assert.Equal(["first"], await care.RenewAsync());
        Assert.Empty(await care.RenewAsync());
        care.Advance(3);
        Assert.Equal(["second"], await care.RenewAsync());
        care.Advance(2);
        Assert.Equal(["first"], await care.RenewAsync());
        Assert.True(first.BeatAt > second.BeatAt);
    }

    [Fact]
    public async Task After_a_lost_connection_all_are_due_whatever_was_stored_before()
    {
        await using var care = new Care();
        care.AddJob("a").BeatAt = care.Now;
        care.AddJob("b");
        care.Renewals.Hasten();
        care.Advance(0.001);

        Assert.Equal(["a", "b"], (await care.RenewAsync()).Order());
    }

    [Fact]
    public async Task Call_that_failed_is_made_again_after_a_while_and_no_other_before()
    {
        await using var care = new Care();
        care.AddJob("a");
        care.Advance(0.5);
        care.AddJob("b");
        care.Advance(4.5);
        care.Backplane.BeforeRenewal = () => throw new TimeoutException("away");
        Assert.Empty(await care.RenewAsync());
        Assert.Equal("away", care.Failure);
        care.Backplane.BeforeRenewal = null;

        care.Advance(0.9);
        Assert.Empty(await care.RenewAsync());
        care.Advance(0.1);
        Assert.Equal(["a", "b"], (await care.RenewAsync()).Order());
    }

    [Fact]
    public async Task Part_of_the_store_that_is_away_fails_no_call_and_its_documents_are_offered_again()
    {
        await using var care = new Care();
        care.AddJob("here");
        var there = care.AddJob("there");
        care.Backplane.IsAway = static documentId => documentId == "there";
        care.Advance(5);

        Assert.Equal(["here", "there"], (await care.RenewAsync()).Order());
        Assert.Null(care.Failure);
        Assert.True(care.Outbox.TryTakeMarked(out var again));
        Assert.Same(there, again);
        Assert.False(care.Outbox.TryTakeMarked(out _));
    }

    [Fact]
    public async Task Store_that_takes_no_renewal_fails_the_call_with_its_words()
    {
        await using var care = new Care();
        care.AddJob("a");
        care.Backplane.IsAway = static _ => true;
        care.Advance(5);

        Assert.Equal(["a"], await care.RenewAsync());
        Assert.Equal("a part is away", care.Failure);
        Assert.False(care.Outbox.TryTakeMarked(out _));
    }

    [Fact]
    public async Task Slot_that_has_left_the_outbox_is_forgotten()
    {
        await using var care = new Care();
        var job = care.AddJob("a");
        care.Outbox.Remove(job);
        care.Advance(5);

        Assert.Empty(await care.RenewAsync());
        Assert.Equal(long.MaxValue, care.Renewals.NextAt);
    }

    [Fact]
    public async Task Slots_that_a_full_outbox_drops_do_not_pile_up_until_they_are_due()
    {
        await using var care = new Care();
        var dropped = AddAndDrop(care, 20_000);

        GC.Collect();

        Assert.InRange(dropped.Count(static slot => slot.IsAlive), 0, 10_000);
    }

    [Fact]
    public async Task Unfinished_update_rests_for_a_day_without_a_look_at_it_and_is_let_go()
    {
        await using var care = new Care();
        care.Store(new("a", "x", 1));
        care.Advance(5);
        Assert.Empty(await care.RenewAsync());
        Assert.Equal(TimeSpan.FromDays(1), care.UntilNext);

        care.Advance(24 * 60 * 60);
        Assert.Empty(await care.RenewAsync());

        Assert.Equal((0, long.MaxValue), (care.Outbox.Count, care.Renewals.NextAt));
    }

    [Fact]
    public async Task Unfinished_update_without_steps_is_let_go_after_a_minute()
    {
        await using var care = new Care();
        care.Store(new("a", "", 1));
        for (var seconds = 0; seconds < 65; seconds += 5)
        {
            care.Advance(5);
            Assert.Empty(await care.RenewAsync());
        }

        Assert.Equal(0, care.Outbox.Count);
    }

    [Fact]
    public async Task End_of_an_update_that_rested_is_renewed_like_every_other()
    {
        await using var care = new Care();
        care.Store(new("a", "x", 1));
        care.Advance(5);
        Assert.Empty(await care.RenewAsync());

        care.Store(new("a", "x", 100) { Status = ProgressStatus.Completed });
        care.Advance(5);

        Assert.Equal(["a"], await care.RenewAsync());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(600)]
    public async Task End_is_looked_at_within_its_minute_however_long_a_lease_lasts(int leaseSeconds)
    {
        await using var care = new Care(TimeSpan.FromSeconds(leaseSeconds));
        var job = care.AddJob("job");
        care.Store(new("update", "x", 1));
        care.Advance(1);
        job.End(ProgressStatus.Completed, "", error: null);
        care.Store();
        care.Store(new("update", "x", 100) { Status = ProgressStatus.Completed });
        var looks = new List<string>();
        for (var seconds = 0; seconds < 59; seconds++)
        {
            care.Advance(1);
            looks.AddRange(await care.RenewAsync());
        }

        Assert.InRange(looks.Count(document => document == "job"), 2, 60);
        Assert.InRange(looks.Count(document => document == "update"), 2, 60);
        care.Advance(2);
        await care.RenewAsync();
        care.Advance(20);
        await care.RenewAsync();
        Assert.Equal(0, care.Outbox.Count);
    }

    [Fact]
    public async Task Running_job_is_renewed_three_times_per_lease_however_long_that_lasts()
    {
        await using var care = new Care(TimeSpan.FromMinutes(10));
        care.AddJob("a");
        List<int> renewed = [];
        for (var seconds = 1; seconds <= 600; seconds++)
        {
            care.Advance(1);
            renewed.AddRange(Enumerable.Repeat(seconds, (await care.RenewAsync()).Count));
        }

        Assert.Equal([200, 400, 600], renewed);
    }

    [Fact]
    public async Task Places_of_updates_that_rested_and_went_on_do_not_pile_up()
    {
        await using var care = new Care();
        for (var i = 0; i < 20_000; i++)
        {
            care.Store(new("a", "x", i % 100));
            care.Advance(5);
            Assert.Empty(await care.RenewAsync());
        }

        Assert.InRange(care.Renewals.Count, 1, 5_000);
    }

    // On a frame of its own, whose references are gone when it returns.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> AddAndDrop(Care care, int count)
    {
        List<WeakReference> dropped = [];
        for (var i = 0; i < count; i++)
        {
            var job = care.AddJob($"{i}");
            care.Outbox.Remove(job);
            dropped.Add(new(job));
        }

        return dropped;
    }

    /// <summary>Renewals of jobs whose states are stored, without a pump, by a clock that only the test moves; a lease lasts 15 s unless the test says otherwise.</summary>
    private sealed class Care : IAsyncDisposable
    {
        private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
        private readonly ProgressApp _app;

        public Care(TimeSpan? lease = null)
        {
            var options = new ProgressOptions();
            options.Lease = lease ?? options.Lease;
            _app = ProgressApp.Create(time: _time);
            Backplane = new(_app.Backplane, _time);
            Outbox = new(new(), _time, () => false, _app.Services.GetRequiredService<ProgressMetrics>(), NullLogger<Outbox>.Instance);
            Renewals = new(Outbox, Backplane, options, _time);
        }

        public RecordingBackplane Backplane { get; }

        public Outbox Outbox { get; }

        public Renewals Renewals { get; }

        /// <summary>Why the last call failed.</summary>
        public string? Failure { get; private set; }

        public long Now => _time.GetTimestamp();

        /// <summary>How long it is until the next look.</summary>
        public TimeSpan UntilNext => _time.GetElapsedTime(Now, Renewals.NextAt);

        public JobTracker AddJob(string documentId)
        {
            var job = Outbox.Add(documentId, null, new());
            Store();
            return job;
        }

        public void Store(ProgressUpdate update)
        {
            Outbox.Accept(update);
            Store();
        }

        /// <summary>What is marked is stored, as the pump does it.</summary>
        public void Store()
        {
            Assert.True(Outbox.TryTakeMarked(out var entry));
            Renewals.Add(entry, Now);
            entry.Unmark();
            OfferGroup group = new();
            Assert.True(entry.TryOffer(group));
            Assert.True(_app.Backplane.OfferAsync(group, TestContext.Current.CancellationToken).IsCompletedSuccessfully);
            entry.BeatAt = Now;
            entry.Settle(group.Offers[0].Result);
        }

        public void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

        /// <summary>Makes the call that is due now.</summary>
        /// <returns>The documents in it.</returns>
        public async Task<IReadOnlyList<string>> RenewAsync()
        {
            var before = Backplane.Renewed.Count;
            if (Renewals.TryGather(Now))
                Failure = await Renewals.RenewAsync(TimeSpan.FromSeconds(1));
            return [.. Backplane.Renewed.Skip(before)];
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}

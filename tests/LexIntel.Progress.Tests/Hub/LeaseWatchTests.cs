using CsCheck;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Time.Testing;

namespace LexIntel.Progress.Tests.Hub;

/// <summary>When a worker's death is noticed, whatever was lost, whenever the store was read, and whatever clock it has.</summary>
public sealed class LeaseWatchTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    [Fact]
    public void Worker_that_dies_right_after_an_update_is_stalled_a_lease_after_it()
    {
        var scene = new Scene(quiet: 5);
        scene.Look();
        scene.Pass(7);
        scene.Update(isLost: false);
        var last = scene.LastBeat;

        scene.PassUntilStalled(most: 21);

        Assert.Equal(last, scene.StalledSince!.Value, precision: 2);
        Assert.InRange(scene.Now - last, 15, 15 + 5.1);
    }

    [Fact]
    public void Worker_that_dies_right_after_a_renewal_is_stalled_a_lease_after_it()
    {
        var scene = new Scene(quiet: 5) { IsAlive = true };
        scene.Look();
        scene.Pass(60.3);
        scene.IsAlive = false;
        var last = scene.LastBeat;

        scene.PassUntilStalled(most: 21);

        Assert.Equal(last, scene.StalledSince!.Value, precision: 2);
    }

    [Fact]
    public void Worker_that_only_renews_is_asked_about_at_half_of_the_looks_and_never_stalled()
    {
        var scene = new Scene(quiet: 5) { IsAlive = true };
        scene.Look();

        scene.Pass(600);

        Assert.Null(scene.StalledSince);
        Assert.InRange(scene.Questions, 30, scene.Looks * 0.6);
    }

    [Fact]
    public void Worker_that_updates_all_the_time_is_not_asked_about()
    {
        var scene = new Scene(quiet: 5);
        scene.Look();
        for (var i = 0; i < 100; i++)
        {
            scene.Pass(9);
            scene.Update(isLost: false);
        }

        Assert.Equal(1, scene.Questions);
    }

    [Fact]
    public void State_without_a_lease_is_never_asked_about()
    {
        var watch = new LeaseWatch(new FakeTimeProvider());
        watch.Accept(new State(Offers.Fields("a", steps: []), StateOrigin.Stored), isLive: false);

        Assert.False(watch.NeedsLife);
    }

    [Fact]
    public void State_with_a_lease_that_replaced_one_without_is_judged_when_its_age_is_known()
    {
        var time = new FakeTimeProvider();
        var watch = new LeaseWatch(time);
        watch.Accept(new State(Offers.Fields("a", steps: []), StateOrigin.Stored), isLive: false);
        watch.Look(new StoredState(new(1, 1), default), isHealthy: true);
        time.Advance(Lease * 2);

        // Found by a look that did not ask.
        watch.Accept(Scene.State, isLive: false);
        watch.Look(new StoredState(new(1, 2), default), isHealthy: true);

        Assert.Null(watch.StalledSince);
        Assert.True(watch.NeedsLife);
        watch.Look(new StoredState(new(1, 2), default, TimeSpan.FromHours(1), Scene.Retention - (Lease * 1.5)), isHealthy: true);
        Assert.Equal(time.GetUtcNow() - (Lease * 1.5), watch.StalledSince);
    }

    [Fact]
    public void First_look_on_a_machine_that_was_just_started_believes_the_store()
    {
        var time = new FakeTimeProvider(DateTimeOffset.MinValue.AddSeconds(3));
        var watch = new LeaseWatch(time);
        watch.Accept(Scene.State, isLive: false);
        time.AdjustTime(DateTimeOffset.UnixEpoch);

        watch.Look(new StoredState(new(1, 1), default, TimeSpan.FromHours(1), Scene.Retention - TimeSpan.FromHours(1)), isHealthy: true);

        Assert.Equal(time.GetUtcNow() - TimeSpan.FromHours(1), watch.StalledSince);
    }

    [Fact]
    public void First_look_while_workers_cannot_renew_declares_nobody_dead()
    {
        var watch = new LeaseWatch(new FakeTimeProvider());
        watch.Accept(Scene.State, isLive: false);

        watch.Look(new StoredState(new(1, 1), default, TimeSpan.FromHours(1), Scene.Retention - (Lease * 2)), isHealthy: false);

        Assert.Null(watch.StalledSince);
    }

    /// <summary>Never too early: a worker that renews in time is alive, whatever happens to messages and to the store's clock. A failure prints a seed that replays it.</summary>
    [Fact]
    public void Worker_that_lives_is_never_stalled() =>
        Gen.Select(Gen.Double[0.2, 7], Moments).Sample(
            (quiet, moments) =>
            {
                var scene = new Scene(quiet) { IsAlive = true };
                scene.Look();
                foreach (var (what, seconds, jump) in moments)
                {
                    scene.Do(what, jump);
                    scene.Pass(seconds, () => Assert.True(scene.StalledSince is null, $"stalled at {scene.Now}, last beat {scene.LastBeat}"));
                }
            },
            iter: 100_000);

    /// <summary>A replica's clock that is ahead makes leases look older than they are; the first renewal that is seen shows that they are not.</summary>
    [Fact]
    public void Worker_that_lives_is_not_stalled_after_its_first_renewals_whatever_clock_a_replica_has() =>
        Gen.Select(Gen.Double[0.2, 5], Gen.Double[-60, 60]).Sample(
            (quiet, ahead) =>
            {
                var scene = new Scene(quiet) { IsAlive = true, Ahead = ahead };
                scene.Look();
                scene.Pass(15);
                scene.Pass(60, () => Assert.True(scene.StalledSince is null, $"stalled at {scene.Now}, last beat {scene.LastBeat}"));
            },
            iter: 500);

    /// <summary>Never too late, and never before the lease has run out.</summary>
    [Fact]
    public void Worker_that_dies_is_stalled_between_a_lease_and_one_look_more() =>
        Gen.Select(Gen.Double[0.2, 5], Moments).Sample(
            (quiet, moments) =>
            {
                var scene = new Scene(quiet) { IsAlive = true };
                scene.Look();
                foreach (var (what, seconds, _) in moments)
                {
                    // What a clock that is set, or an outage, makes late is not promised.
                    scene.Do(what is What.SetClock or What.BeUnhealthy or What.BeAway ? What.Update : what, jump: 0);
                    scene.Pass(seconds);
                }

                scene.IsAlive = false;
                scene.PassUntilStalled(most: 15 + quiet + 1);

                Assert.InRange(scene.Now - scene.LastBeat, 15 - 0.1, 15 + quiet + 0.2);
                Assert.Equal(scene.LastBeat, scene.StalledSince!.Value, precision: 1);
            },
            iter: 100_000);

    private static Gen<(What What, double Seconds, double Jump)[]> Moments { get; } = Gen.Select(Gen.Enum<What>(), Gen.Double[0, 12], Gen.Double[-40, 40]).Array[0, 20];

    private enum What
    {
        Nothing,
        Update,
        LoseUpdate,
        SetClock,
        BeUnhealthy,
        BeAway,
    }

    /// <summary>A worker, a store with a clock of its own, and a reader that looks when it heard nothing for a while.</summary>
    private sealed class Scene
    {
        private const double Step = 0.1;

        private readonly FakeTimeProvider _time = new();
        private readonly DateTimeOffset _began;
        private readonly LeaseWatch _watch;
        private readonly double _quiet;
        private double _clock = 1_000;
        private double _beat;
        private double _quietSince;
        private double _unhealthyUntil;
        private double _setAt = -1_000;
        private double _renewsAt;
        private bool _isAway;
        private bool _isMissing = true;

        public Scene(double quiet)
        {
            (_watch, _began, _quiet) = (new(_time), _time.GetUtcNow(), quiet);
            Beat();
        }

        public static TimeSpan Retention { get; } = TimeSpan.FromHours(25);

        public static State State => new(Offers.Fields("a", steps: [], lease: Lease, retention: Retention), StateOrigin.Stored);

        public bool IsAlive { get; set; }

        /// <summary>How many seconds the clock of the replica that is read is ahead of the master's.</summary>
        public double Ahead { get; init; }

        public double Now { get; private set; }

        public double LastBeat { get; private set; }

        public int Looks { get; private set; }

        public int Questions { get; private set; }

        public double? StalledSince => _watch.StalledSince is { } since ? (since - _began).TotalSeconds : null;

        public void Do(What what, double jump)
        {
            switch (what)
            {
                case What.Update or What.LoseUpdate when Now >= _renewsAt:
                    Update(isLost: what == What.LoseUpdate);
                    break;
                case What.SetClock when Now - _setAt > 2 * Lease.TotalSeconds && Now >= _renewsAt:
                    // Not twice between two looks that ask, nor while nobody renews: then it tells nothing at all.
                    (_clock, _setAt) = (_clock + jump + 0.0137, Now); // Never so that a beat gets the value of an earlier one.
                    break;
                case What.BeUnhealthy or What.BeAway when Now >= _renewsAt && Now - _setAt > 2 * Lease.TotalSeconds:
                    // The worker may be slow to come back.
                    (_unhealthyUntil, _isAway) = (Now + Math.Abs(jump), what == What.BeAway);
                    _renewsAt = _unhealthyUntil + (Math.Abs(jump) / 7);
                    break;
            }
        }

        public void Update(bool isLost)
        {
            Beat();
            _isMissing = isLost;
            if (isLost)
                return;
            _watch.Accept(State, isLive: true);
            _quietSince = Now;
        }

        public void Pass(double seconds, Action? check = null)
        {
            for (var end = Now + seconds; Now < end;)
            {
                Now += Step;
                _time.Advance(TimeSpan.FromSeconds(Step));
                if (IsAlive && Now >= _renewsAt && Now - LastBeat >= Lease.TotalSeconds / 3)
                    Beat();
                if (Now - _quietSince < _quiet || (_isAway && Now < _unhealthyUntil))
                    continue;
                Look();
                check?.Invoke();
            }
        }

        public void PassUntilStalled(double most)
        {
            for (var end = Now + most; StalledSince is null && Now < end;)
                Pass(Step);
            Assert.NotNull(StalledSince);
        }

        public void Look()
        {
            // What a call has to bring is decided before it, and what it found may be newer.
            var isAsked = Looks == 0 || _watch.NeedsLife;
            Looks++;
            Questions += isAsked ? 1 : 0;
            if (_isMissing)
                _watch.Accept(State, isLive: false);
            _isMissing = false;
            TimeSpan? beat = isAsked ? TimeSpan.FromSeconds(_beat) : null;
            TimeSpan? life = isAsked ? Retention - TimeSpan.FromSeconds(Now + _clock + Ahead - _beat) : null;
            // That it is back is known a little later.
            _watch.Look(new StoredState(new(1, 1), default, beat, life), isHealthy: Now >= _unhealthyUntil && !_isAway);
            (_quietSince, _isAway) = (Now, false);
        }

        private void Beat() => (LastBeat, _beat) = (Now, Now + _clock);
    }
}

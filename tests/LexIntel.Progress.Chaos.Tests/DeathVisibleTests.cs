using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class DeathVisibleTests
{
    [Fact]
    public void Death_that_is_told_in_time_is_right() =>
        Assert.Empty(Killed(new Story()).See(ReaderEventKind.Named, 14_000, "stalled").Broken());

    [Fact]
    public void Death_that_is_never_told_is_a_violation() =>
        Assert.Equal(["G7"], Killed(new Story()).Broken());

    [Fact]
    public void Death_that_is_told_late_is_a_violation() =>
        Assert.Equal(["G7"], Killed(new Story()).See(ReaderEventKind.Named, 20_000, "stalled").Broken());

    [Fact]
    public void Death_during_an_outage_may_be_told_later() =>
        Assert.Empty(Killed(new Story()).Disturb("KillRedis", 11_000, 13_000).See(ReaderEventKind.Named, 20_000, "stalled").Broken());

    [Fact]
    public void Death_before_a_data_loss_is_not_known_to_whoever_comes_after_it() =>
        Assert.Empty(Killed(new Story()).Disturb("Flush", 11_000, 11_000, losesData: true).Reconnect(12_000).Broken());

    [Fact]
    public void Death_before_a_data_loss_that_a_reader_stayed_through_is_told() =>
        Assert.Equal(["G7"], Killed(new Story()).Disturb("Flush", 11_000, 11_000, losesData: true).Broken());

    [Fact]
    public void Newer_attempt_instead_is_right() =>
        Assert.Empty(Killed(new Story()).State(12_000, 20, 1).Broken());

    [Fact]
    public void Living_worker_that_is_called_dead_is_a_violation() =>
        Assert.Equal(["G7"], new Story().Job(1).State(1000, 10, 1).See(ReaderEventKind.Named, 20_000, "stalled").Broken());

    [Fact]
    public void Slow_reader_that_reads_it_when_it_is_no_longer_true_is_right() =>
        Assert.Empty(new Story(ReaderKind.Slow).Job(1).State(1000, 10, 1).See(ReaderEventKind.Named, 20_000, "stalled").Broken());

    [Fact]
    public void Frozen_worker_may_be_called_dead() =>
        Assert.Empty(new Story().Job(1).State(1000, 10, 1).Disturb("FreezeWorker", 14_000, 21_000, worker: "w").See(ReaderEventKind.Named, 20_000, "stalled").Broken());

    private static Story Killed(Story story) =>
        story.Job(1).State(1000, 10, 1).Disturb(Disturbance.Killed, 10_000, double.PositiveInfinity, worker: "w");
}

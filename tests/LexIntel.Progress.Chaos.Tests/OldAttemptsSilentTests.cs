namespace LexIntel.Progress.Chaos.Tests;

public sealed class OldAttemptsSilentTests
{
    [Fact]
    public void Old_attempt_before_the_newer_one_is_right() =>
        Assert.Empty(new Story().State(1000, 10, 5).State(2000, 20, 1).Another().State(2100, 10, 6, reported: 1900).State(2200, 20, 1).Broken());

    [Fact]
    public void Old_attempt_that_reports_after_the_newer_one_is_a_violation() =>
        Assert.Equal(["G6"], Zombie(new Story()).Broken());

    [Fact]
    public void Old_attempt_in_the_seconds_after_a_data_loss_is_right() =>
        Assert.Empty(Zombie(new Story().Disturb("Flush", 2900, 2900, losesData: true)).Broken());

    [Fact]
    public void Newest_job_that_is_told_it_is_superseded_is_a_violation() =>
        Assert.Equal(["G6"], new Story().Job(1, more: job => job.SupersededAt = 5).State(1, 10, 1).Broken());

    [Fact]
    public void Job_that_is_superseded_by_a_newer_attempt_is_right() =>
        Assert.Empty(new Story().Job(1, more: job => job.SupersededAt = 5).State(1, 10, 1).State(2, 20, 1).Broken());

    [Fact]
    public void Job_that_is_not_told_of_a_newer_attempt_is_a_violation() =>
        Assert.Equal(["G6"], new Story().Job(1, more: job => job.AtEnd = new(5, "s0")).Job(2).State(1, 10, 1).State(2, 20, 1).Broken());

    private static Story Zombie(Story story) => story.State(1000, 10, 5).State(2000, 20, 1).Another(3000).State(3001, 10, 6, reported: 3000).State(3002, 20, 1);
}

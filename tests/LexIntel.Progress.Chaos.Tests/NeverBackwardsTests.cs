namespace LexIntel.Progress.Chaos.Tests;

public sealed class NeverBackwardsTests
{
    [Fact]
    public void Rising_revisions_and_percentages_are_right() =>
        Assert.Empty(new Story().State(1, 10, 1).State(2, 10, 3, percent: 5).Reconnect(3).State(4, 10, 4, percent: 5).State(5, 20, 1).Broken());

    [Fact]
    public void Same_revision_after_a_reconnect_is_a_violation() =>
        Assert.Equal(["G2"], new Story().State(1, 10, 2).Reconnect(2).State(3, 10, 2).Broken());

    [Fact]
    public void Older_revision_is_a_violation() =>
        Assert.Contains("G2", new Story().State(1, 20, 1).State(2, 10, 9).Broken());

    [Fact]
    public void Falling_percentage_of_an_attempt_is_a_violation() =>
        Assert.Equal(["G2"], new Story().State(1, 10, 1, percent: 40).State(2, 10, 2, percent: 39).Broken());

    [Fact]
    public void Percentage_of_a_plain_update_may_fall() =>
        Assert.Empty(new Story().State(1, 10, 1, percent: 40).State(2, 10, 2, percent: 0, step: "", author: "p2").State(3, 10, 3, percent: 40).Broken());
}

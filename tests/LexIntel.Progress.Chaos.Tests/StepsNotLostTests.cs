namespace LexIntel.Progress.Chaos.Tests;

public sealed class StepsNotLostTests
{
    [Fact]
    public void Each_step_as_an_event_is_right() =>
        Assert.Empty(new Story().State(1, 10, 1).State(2, 10, 2, step: "s1").State(3, 10, 3, step: "s2").Broken());

    [Fact]
    public void Step_in_steps_of_the_next_state_is_right() =>
        Assert.Empty(new Story().State(1, 10, 1).State(2, 10, 9, step: "s2", steps: ["s0", "s1", "s2"]).Broken());

    [Fact]
    public void Step_that_is_never_seen_is_a_violation() =>
        Assert.Equal(["G4"], new Story().State(1, 10, 1).State(2, 10, 9, step: "s2").Broken());

    [Fact]
    public void Steps_are_those_of_one_attempt() =>
        Assert.Equal(["G4"], new Story().State(1, 10, 1).State(2, 20, 4, step: "s1").Broken());

    [Fact]
    public void Attempt_with_a_plain_update_is_left_out() =>
        Assert.Empty(new Story().State(1, 10, 1, step: "", author: "p1").State(2, 10, 9, step: "s2").Broken());
}

using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class EndArrivesTests
{
    [Fact]
    public void Terminal_state_and_then_the_end_is_right() =>
        Assert.Empty(Ended().See(ReaderEventKind.Closed, 3).Stored(Story.Make(10, 2, status: "completed")).Broken());

    [Fact]
    public void Terminal_state_without_the_end_is_a_violation() =>
        Assert.Equal(["G3"], new Story().State(1, 10, 1).State(2, 10, 2, status: "completed").See(ReaderEventKind.Left, 3).Broken());

    [Fact]
    public void State_after_a_terminal_one_on_the_same_stream_is_a_violation() =>
        Assert.Equal(["G3"], new Story().State(1, 10, 1, status: "completed").State(2, 10, 2, status: "completed").See(ReaderEventKind.End, 3, "10-2-end").Broken());

    [Fact]
    public void End_without_a_terminal_state_is_a_violation() =>
        Assert.Equal(["G3"], new Story().State(1, 10, 1).See(ReaderEventKind.End, 2, "10-1-end").Broken());

    [Fact]
    public void End_on_the_next_connection_after_the_terminal_state_is_right() =>
        Assert.Empty(Ended().Reconnect(3).See(ReaderEventKind.End, 4, "10-2-end").Broken());

    [Fact]
    public void Stream_that_closes_without_an_end_is_a_violation() =>
        Assert.Equal(["G3"], new Story().State(1, 10, 1).See(ReaderEventKind.Closed, 2).Broken());

    [Fact]
    public void Stream_that_breaks_is_right() =>
        Assert.Empty(new Story().State(1, 10, 1).See(ReaderEventKind.Broken, 2).Broken());

    [Fact]
    public void New_attempt_on_the_next_connection_is_right() =>
        Assert.Empty(Ended().Reconnect(3).State(4, 20, 1).State(5, 20, 2, status: "failed").See(ReaderEventKind.End, 5, "20-2-end").Stored(Story.Make(20, 2, status: "failed")).Broken());

    private static Story Ended() => new Story().State(1, 10, 1).State(2, 10, 2, status: "completed").See(ReaderEventKind.End, 2, "10-2-end");
}

using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class EventuallyNewestTests
{
    [Fact]
    public void Reader_with_the_stored_state_is_right() =>
        Assert.Empty(new Story().State(1, 10, 1).State(2, 10, 2).Stored(Story.Make(10, 2)).Broken());

    [Fact]
    public void Reader_behind_the_stored_state_is_a_violation() =>
        Assert.Equal(["G1"], new Story().State(1, 10, 1).Stored(Story.Make(10, 2)).Broken());

    [Fact]
    public void Reader_with_nothing_is_a_violation() =>
        Assert.Equal(["G1"], new Story().Stored(Story.Make(10, 2)).Broken());

    [Fact]
    public void Reader_that_gets_late_what_another_saw_is_a_violation() =>
        Assert.Equal(["G1"], Late(new Story()).Broken());

    [Fact]
    public void Reader_that_gets_it_late_during_a_fault_is_right() =>
        Assert.Empty(Late(new Story().Disturb("FreezeRedis", 1000, 2000)).Broken());

    [Fact]
    public void Slow_reader_that_gets_it_late_is_right() =>
        Assert.Empty(Late(new Story(ReaderKind.Slow)).Broken());

    [Fact]
    public void Reader_that_is_refused_a_newer_attempt_is_a_violation() =>
        Assert.Equal(["G1"], Refused(until: 6000).Broken());

    [Fact]
    public void Reader_that_is_refused_a_newer_attempt_for_a_moment_is_right() =>
        Assert.Empty(Refused(until: 3000).Broken());

    private static Story Refused(double until)
    {
        var story = new Story().State(1, 10, 1, status: "failed").See(ReaderEventKind.End, 1, "10-1-end").Another().State(2000, 20, 1).State(until + 200, 20, 2).Another();
        story.State(1, 10, 1, status: "failed").See(ReaderEventKind.End, 1, "10-1-end");
        for (var at = 1000.0; at <= until; at += 500)
            story.Reconnect(at).See(ReaderEventKind.NoContent, at + 1);
        story.Reconnect(until + 400).State(until + 401, 20, 2);
        story.History.Readers.RemoveAt(0);
        return story;
    }

    private static Story Late(Story story) => story.State(1, 10, 1).State(5000, 10, 2).Another().State(1, 10, 1).State(2, 10, 2);
}

using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class JobFirstTests
{
    [Fact]
    public void Job_whose_newest_state_is_stored_is_right() =>
        Assert.Empty(Running(stored: 42.1).Broken());

    [Fact]
    public void Job_whose_newest_state_is_not_stored_is_a_violation() =>
        Assert.Equal(["G5"], Running(stored: 40).Broken());

    [Fact]
    public void End_that_is_not_stored_is_a_violation() =>
        Assert.Equal(["G5"], Ended().Broken());

    [Fact]
    public void End_that_Redis_lost_after_the_outbox_let_it_go_is_right() =>
        Assert.Empty(Ended().Disturb("Flush", 70_000, 70_000, losesData: true).Broken());

    [Fact]
    public void Call_that_threw_is_a_violation()
    {
        var story = new Story();
        story.History.Thrown.Add("w: Report threw");
        Assert.Equal(["G5"], story.Broken());
    }

    [Fact]
    public void Call_that_took_long_is_a_violation() => Assert.Equal(["G5"], Slow(new Story()).Broken());

    [Fact]
    public void Many_calls_that_took_a_little_long_are_a_violation() => Assert.Equal(["G5"], Slow(new Story(), took: 30).Broken());

    [Fact]
    public void Calls_of_a_process_that_was_late_itself_are_right()
    {
        var story = Slow(new Story(), took: 30);
        story.History.Hitches.Add(new("hitch", 2500, 2620, "w"));
        Assert.Empty(story.Broken());
    }

    [Fact]
    public void Call_of_a_frozen_process_is_right() => Assert.Empty(Slow(new Story().Disturb("FreezeWorker", 1500, 2500, worker: "w")).Broken());

    private static Story Running(double stored) =>
        new Story().Job(1, more: job => job.AtEnd = new(42.05, "s1")).State(1, 10, 1).State(2, 10, 2, stored, "s1").Stored(Story.Make(10, 2, stored, "s1"));

    private static Story Ended() => new Story().Job(1, more: job => (job.AtEnd, job.End, job.EndedAt) = (new(100, "s1"), "complete", 5)).State(1, 10, 1).Stored(Story.Make(10, 1));

    private static Story Slow(Story story, double took = 1000)
    {
        // One in many is not many.
        for (var i = 0; i < (took < 1000 ? 1 : 2000); i++)
            story.History.Calls.Add(TimeSpan.FromMicroseconds(1));
        story.History.SlowCalls.Add(new("w", 2600, took, "Report"));
        return story;
    }
}

using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class ReadersAreStrangersTests
{
    [Fact]
    public void Readers_that_are_late_beside_a_slow_one_are_a_violation() => Assert.Equal(["G9"], Beside(ReaderKind.Slow).Broken());

    [Fact]
    public void Readers_that_are_late_for_another_reason_are_right_here() => Assert.Empty(Beside(ReaderKind.Steady).Broken());

    /// <summary>Every state reaches the second reader 1.5 s after the first: soon enough for G1.</summary>
    private static Story Beside(ReaderKind first)
    {
        var story = new Story(first);
        for (var i = 1; i <= 200; i++)
            story.State(i * 10_000, 10, i);
        story.Another();
        for (var i = 1; i <= 200; i++)
            story.State((i * 10_000) + 1500, 10, i, reported: i * 10_000);
        story.History.EndedAt = 10_000_000;
        return story;
    }
}

using LexIntel.Progress.Chaos.Faults;

namespace LexIntel.Progress.Chaos.Tests;

public sealed class FaultScheduleTests
{
    [Fact]
    public void Same_seed_gives_the_same_schedule() => Assert.Equal(FaultSchedule.Of(5).Take(100), FaultSchedule.Of(5).Take(100));

    [Fact]
    public void Other_seed_gives_another_schedule() => Assert.NotEqual(FaultSchedule.Of(5).Take(100), FaultSchedule.Of(6).Take(100));

    [Fact]
    public void Every_kind_comes_before_any_comes_again()
    {
        var kinds = Enum.GetValues<FaultKind>();
        Assert.Equal(kinds.Order(), FaultSchedule.Of(7).Take(kinds.Length).Select(fault => fault.Kind).Order());
    }
}

namespace LexIntel.Progress.Chaos.Histories;

/// <summary>What was done to the experiment, or happened to it, from when to when.</summary>
/// <param name="Kind">What, in a word.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended.</param>
/// <param name="Worker">The one worker process it hit; <see langword="null"/> when it hit the backplane or the ways to it.</param>
/// <param name="LosesData">Whether the store lost what was stored in that time, or all.</param>
internal sealed record Disturbance(string Kind, double From, double To, string? Worker = null, bool LosesData = false)
{
    public const string Killed = "killed worker";

    public bool Overlaps(double from, double to) => From <= to && To >= from;
}

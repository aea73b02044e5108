using System.Globalization;
using LexIntel.Progress.LoadTest.Scenarios;

namespace LexIntel.Progress.LoadTest.Compare;

/// <summary>When a contestant counts as broken, and what broke it.</summary>
internal static class Breakage
{
    private const double MostBroken = 0.001;
    private const double MostSkipped = 0.05;
    private const double FullCores = 0.9;

    /// <summary>The slowest percent of updates may take so long on the way; for polls their pause comes on top.</summary>
    private static readonly TimeSpan MostLatency = TimeSpan.FromSeconds(1);

    public static string? Find(Contestant contestant, Scenario scenario, Trial trial)
    {
        if (trial.Seen.Failures.Values.Sum() > scenario.Streams * MostBroken)
        {
            var (reason, count) = trial.Seen.Failures.MaxBy(static pair => pair.Value);
            return $"{Count(count)} of {Count(scenario.Streams)} clients: {reason}{LastWords(trial)}";
        }

        if (trial.Seen.States == 0)
            return "no update arrived";
        var limit = (MostLatency + (contestant.Polls ? scenario.PollInterval : TimeSpan.Zero)).TotalMilliseconds;
        if (trial.Seen.Latency.Quantile(0.99) is var slowest && slowest > limit)
            return $"P99 {slowest.ToString("N0", CultureInfo.InvariantCulture)} ms{Load(trial)}";
        return !contestant.Polls && trial.SkippedPart > MostSkipped
            ? $"{trial.SkippedPart.ToString("P0", CultureInfo.InvariantCulture)} of the updates were never seen{Load(trial)}"
            : null;
    }

    private static string Load(Trial trial)
    {
        var cores = trial.Cpu.Values.Sum() / trial.Seconds;
        var share = string.Join(", ", trial.Cpu.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value / trial.Seconds:0.0}")));
        return cores > Environment.ProcessorCount * FullCores ? $"; the machine is full (cores: {share})" : $" (cores: {share}){LastWords(trial)}";
    }

    /// <summary>The exception that the server complained of last, or else its last line.</summary>
    private static string LastWords(Trial trial) =>
        (trial.Errors.LastOrDefault(static line => line.Contains("xception", StringComparison.Ordinal)) ?? trial.Errors.LastOrDefault()) is { } line
            ? $"; server: {(line.Length > 120 ? line[..120] + "…" : line).Trim().Replace("|", "/", StringComparison.Ordinal)}"
            : "";

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

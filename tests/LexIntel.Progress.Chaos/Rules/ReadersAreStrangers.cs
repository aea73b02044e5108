using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>G9: beside readers that do not read, the others get nearly everything as fast as pub/sub carries it. (That all of it comes in time is G1.)</summary>
internal static class ReadersAreStrangers
{
    private const double Part = 0.99;
    private const int Fewest = 100;

    public static IEnumerable<Violation> Check(History history)
    {
        var crowded = history.Readers.Where(reader => reader.Kind == ReaderKind.Slow).Select(reader => reader.Document).ToHashSet();
        var delays = Staleness.Of(history)
            .Where(delay => delay.Reader.Kind != ReaderKind.Slow && crowded.Contains(delay.Reader.Document) && history.IsHealthy(delay.Since, delay.Until))
            .OrderBy(delay => delay.Took).ToArray();
        if (delays.Length < Fewest)
            yield break;
        var longest = delays[(int)(delays.Length * Part)];
        // Half of what a re-read after a lost message would take: with one per cent of those, something holds readers up.
        if (longest.Took > history.Limits.Quiet)
            yield return new("G9", longest.Reader.Document, Text($"Beside slow readers, {Part:P0} of {delays.Length} states took others up to {longest.Took:F0} ms, undisturbed."));
    }
}

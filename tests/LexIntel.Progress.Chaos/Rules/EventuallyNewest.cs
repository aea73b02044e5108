using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>
/// G1: at the end every reader holds what is stored; and while nothing is disturbed, what anybody has seen reaches every connected reader
/// that reads within the quiet interval.
/// </summary>
internal static class EventuallyNewest
{
    public static IEnumerable<Violation> Check(History history)
    {
        foreach (var reader in history.Readers)
        {
            var held = reader.HeldAt(history.EndedAt);
            if (history.Stored.TryGetValue(reader.Document, out var stored) && !(held?.Revision >= stored.Revision))
                yield return new("G1", reader.Document, $"{reader} holds {held?.Revision.ToString() ?? "nothing"} at the end, stored is {stored.Revision} ({stored.Author} {stored.Status}).");
        }

        var longest = history.Limits.Quiet + history.Limits.Slack;
        foreach (var delay in Staleness.Of(history))
        {
            if (delay.Reader.Kind != ReaderKind.Slow && delay.Took > longest && history.IsHealthy(delay.Since, delay.Until))
                yield return new("G1", delay.Reader.Document, Text($"{delay.Reader} held {delay.Held} until {delay.Until:F0}, although newer was seen elsewhere at {delay.Since:F0}: {delay.Took:F0} ms, undisturbed."));
        }
    }
}

using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>G2: for each reader revisions rise, on all its connections, and the percentage of a tracked attempt never falls.</summary>
internal static class NeverBackwards
{
    public static IEnumerable<Violation> Check(History history)
    {
        foreach (var reader in history.Readers)
        {
            SeenState? last = null;
            SeenState? lastTracked = null;
            foreach (var seen in reader.States)
            {
                var state = seen.State!;
                if (state.Revision <= last?.Revision)
                    yield return new("G2", reader.Document, Text($"{reader} saw {state.Revision} at {seen.At:F0} after {last.Revision}."));
                if (state.IsTracked && lastTracked is not null && state.Revision.Attempt == lastTracked.Revision.Attempt && state.Percent < lastTracked.Percent)
                    yield return new("G2", reader.Document, Text($"{reader} saw {state.Percent} % at {state.Revision} after {lastTracked.Percent} % at {lastTracked.Revision}."));
                last = state;
                lastTracked = state.IsTracked ? state : lastTracked;
            }
        }
    }
}

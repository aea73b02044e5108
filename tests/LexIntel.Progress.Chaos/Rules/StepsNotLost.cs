using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>
/// G4: tracked jobs number the steps of an attempt from 0. Whoever sees a state in step n has seen all steps before it: as events, or in
/// <c>steps</c> of this state or one before.
/// </summary>
internal static class StepsNotLost
{
    public static IEnumerable<Violation> Check(History history)
    {
        foreach (var reader in history.Readers)
        {
            var attempt = 0L;
            var hasPlain = false;
            HashSet<int> known = [];
            foreach (var seen in reader.States)
            {
                var state = seen.State!;
                if (state.Revision.Attempt != attempt)
                    (attempt, hasPlain, known) = (state.Revision.Attempt, false, []);
                // A plain update in a tracked attempt says what it knows, which is not the job's steps.
                hasPlain |= !state.IsTracked;
                known.Add(state.StepIndex);
                known.UnionWith(state.Steps?.Select(SeenState.IndexOf) ?? []);
                if (hasPlain || IsStale(history, state))
                    continue;
                var missing = Enumerable.Range(0, Math.Max(0, state.StepIndex)).Where(step => !known.Contains(step)).ToArray();
                if (missing.Length > 0)
                    yield return new("G4", reader.Document, Text($"{reader} saw {state.Revision} in step {state.Step} at {seen.At:F0}, but never step {string.Join(", ", missing.Select(step => $"s{step}"))}."));
                known.UnionWith(missing);
            }
        }
    }

    private static bool IsStale(History history, SeenState state) => history.Jobs.TryGetValue(state.Job, out var job) && job.IsStale;
}

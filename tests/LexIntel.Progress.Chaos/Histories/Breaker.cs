namespace LexIntel.Progress.Chaos.Histories;

/// <summary>Damages a history in memory: what the checker would say if the product had done that.</summary>
internal static class Breaker
{
    /// <returns>What was damaged.</returns>
    public static string Break(History history, Damage damage)
    {
        switch (damage)
        {
            case Damage.Swap:
                var (swapped, at) = Find(history, static (reader, i) => Both(reader, i));
                (swapped.Events[at], swapped.Events[at + 1]) = (swapped.Events[at + 1], swapped.Events[at]);
                return $"{swapped} of {swapped.Document} saw two states in the wrong order";
            case Damage.Percentage:
                var (lowered, low) = Find(history, static (reader, i) => Both(reader, i) && reader.Events[i].State is { IsTracked: true, Percent: > 5 } first && reader.Events[i + 1].State is { IsTracked: true } second && first.Revision.Attempt == second.Revision.Attempt);
                lowered.Events[low + 1] = lowered.Events[low + 1] with { State = lowered.Events[low + 1].State! with { Percent = 1 } };
                return $"{lowered} of {lowered.Document} saw a percentage fall";
            case Damage.End:
                var (endless, end) = Find(history, static (reader, i) => reader.Events[i].Kind == ReaderEventKind.End);
                endless.Events.RemoveAt(end);
                return $"{endless} of {endless.Document} was not told the end";
            case Damage.Step:
                var (ignorant, step) = Find(history, (reader, i) => reader.Events[i].State is { IsTracked: true, StepIndex: 1, Steps: not null } state && MustKnowSteps(history, reader, state));
                Forget(ignorant, ignorant.Events[step].State!.Revision.Attempt);
                return $"{ignorant} of {ignorant.Document} never learnt of step s0";
            case Damage.Latency:
                history.SlowCalls.Add(new("another worker", history.EndedAt, 1000, "Report"));
                return "a call took a second";
            case Damage.Attempt:
                history.Disturbances.RemoveAll(disturbance => disturbance.LosesData);
                var (old, first) = Find(history, static (reader, i) => reader.Events[i].State is { } state && reader.States.Last().State!.Revision.Attempt > state.Revision.Attempt);
                history.Readers.Add(new(-1, old.Document, ReaderKind.Hopper)
                {
                    Events = { old.Events[first] with { At = history.EndedAt, State = old.Events[first].State! with { Timestamp = history.EndedAt } } },
                });
                return $"a reader of {old.Document} saw an old attempt at the end";
            case Damage.Stalled:
                foreach (var reader in history.Readers)
                    reader.Events.RemoveAll(seen => seen.Detail == "stalled");
                return "nobody was told of any death";
            case Damage.Staleness:
                foreach (var reader in history.Readers.Where(reader => reader.Kind == ReaderKind.Steady))
                    Delay(reader, history.Limits.Quiet + history.Limits.Slack);
                return "the steady readers saw everything late";
            default:
                var (behind, last) = Find(history, (reader, i) => reader.Events[i].State is { } state && history.Stored.GetValueOrDefault(reader.Document)?.Revision == state.Revision);
                behind.Events.RemoveAt(last);
                return $"{behind} of {behind.Document} missed the newest state";
        }
    }

    private static bool Both(ReaderLog reader, int i) => i + 1 < reader.Events.Count && reader.Events[i].State is not null && reader.Events[i + 1].State is not null;

    /// <summary>Plain updates in an attempt and jobs that were superseded unawares leave a reader without steps and without blame.</summary>
    private static bool MustKnowSteps(History history, ReaderLog reader, SeenState state) =>
        !(history.Jobs.TryGetValue(state.Job, out var job) && job.IsStale)
        && reader.Events.TrueForAll(seen => seen.State is not { IsTracked: false } plain || plain.Revision.Attempt != state.Revision.Attempt);

    private static (ReaderLog Reader, int Index) Find(History history, Func<ReaderLog, int, bool> isIt)
    {
        foreach (var reader in history.Readers)
        {
            for (var i = 0; i < reader.Events.Count; i++)
            {
                if (isIt(reader, i))
                    return (reader, i);
            }
        }

        throw new InvalidOperationException("The history holds nothing that could be damaged in this way. Let the experiment run longer.");
    }

    private static void Forget(ReaderLog reader, long attempt)
    {
        reader.Events.RemoveAll(seen => seen.State is { StepIndex: 0 } state && state.Revision.Attempt == attempt);
        for (var i = 0; i < reader.Events.Count; i++)
        {
            if (reader.Events[i].State is { Steps: { } steps } state && state.Revision.Attempt == attempt)
                reader.Events[i] = reader.Events[i] with { State = state with { Steps = [.. steps.Where(step => step != "s0")] } };
        }
    }

    private static void Delay(ReaderLog reader, double milliseconds)
    {
        for (var i = 0; i < reader.Events.Count; i++)
            reader.Events[i] = reader.Events[i] with { At = reader.Events[i].At + (reader.Events[i].Kind == ReaderEventKind.Opened ? 0 : milliseconds) };
    }
}

using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>
/// G6: nobody sees what an older attempt reported after a newer one was accepted, unless the store had forgotten; and a job is told that it
/// is superseded when, and only when, there is a newer attempt.
/// </summary>
internal static class OldAttemptsSilent
{
    /// <summary>Between the report of a state and its arrival at the store a newer attempt may come in between.</summary>
    private const double Near = 250;

    public static IEnumerable<Violation> Check(History history) => history.Documents.SelectMany(readers => Check(history, readers.Key, [.. readers]));

    private static IEnumerable<Violation> Check(History history, string document, IReadOnlyList<ReaderLog> readers)
    {
        var attempts = readers.SelectMany(reader => reader.States)
            .GroupBy(seen => seen.State!.Revision.Attempt).Select(seen => (Attempt: seen.Key, At: seen.Min(one => one.At))).ToArray();
        foreach (var reader in readers)
        {
            foreach (var seen in reader.States)
            {
                var state = seen.State!;
                var newer = attempts.FirstOrDefault(attempt => attempt.Attempt > state.Revision.Attempt && attempt.At + Near < state.Timestamp);
                if (newer.Attempt > 0 && !history.MayHaveForgotten(state.Timestamp))
                    yield return new("G6", document, Text($"{reader} saw {state.Revision} ({state.Author}), reported at {state.Timestamp:F0}, but attempt {newer.Attempt} had been seen at {newer.At:F0}."));
            }
        }

        var newest = Math.Max(attempts.Select(attempt => attempt.Attempt).DefaultIfEmpty().Max(), history.Stored.GetValueOrDefault(document)?.Revision.Attempt ?? 0);
        foreach (var job in history.Jobs.Values.Where(job => job.Document == document && !job.IsPlain))
        {
            var own = readers.SelectMany(reader => reader.States).FirstOrDefault(seen => seen.State!.Job == job.Job)?.State!.Revision.Attempt;
            if (own is null)
                continue;
            if (own == newest && job.SupersededAt <= history.EndedAt && !job.IsStale)
                yield return new("G6", document, $"Job {job.Job} was told that it is superseded, but its attempt {own} is the newest.");
            if (own < newest && job is { End: "", AtEnd: not null, SupersededAt: double.PositiveInfinity })
                yield return new("G6", document, $"Job {job.Job} of attempt {own} runs at the end and was not told of attempt {newest}.");
        }
    }
}

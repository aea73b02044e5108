using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>G7: the running documents of a killed worker become stalled in every connected reader in time; those of a worker that lives and reaches Redis never do.</summary>
internal static class DeathVisible
{
    public static IEnumerable<Violation> Check(History history) =>
        // What a slow reader reads may have been written long ago, when it was true.
        history.Readers.Where(reader => reader.Kind != ReaderKind.Slow).SelectMany(reader => FalseAlarms(history, reader))
            .Concat(history.Disturbances.Where(disturbance => disturbance.Kind == Disturbance.Killed).SelectMany(death => Unseen(history, death)));

    private static IEnumerable<Violation> FalseAlarms(History history, ReaderLog reader)
    {
        var limits = history.Limits;
        foreach (var seen in reader.Events.Where(seen => seen.Kind == ReaderEventKind.Named && seen.Detail == "stalled" && seen.At <= history.EndedAt))
        {
            var from = seen.At - limits.Lease - limits.Quiet - limits.Slack;
            if (reader.HeldAt(seen.At) is { Job: > 0 } held && history.Jobs.TryGetValue(held.Job, out var job)
                && !history.WasHeldUp(job.Worker, from, seen.At) && history.IsHealthy(from, seen.At))
            {
                yield return new("G7", reader.Document, Text($"{reader} was told at {seen.At:F0} that {held.Revision} of job {job.Job} is stalled, but {job.Worker} lived and reached Redis."));
            }
        }
    }

    private static IEnumerable<Violation> Unseen(History history, Disturbance death)
    {
        var deadline = Deadline(history, death.From);
        if (deadline > history.EndedAt)
            yield break;
        var victims = history.Jobs.Values.Where(job => job.Worker == death.Worker && !job.IsPlain && job.StartedAt < death.From && job.EndedAt > death.From).Select(job => job.Job).ToHashSet();
        var needed = history.Limits.Lease + history.Limits.Quiet + history.Limits.Slack;
        foreach (var reader in history.Readers.Where(reader => reader.Kind != ReaderKind.Slow))
        {
            if (reader.HeldAt(deadline) is not { Status: "processing" } held || !victims.Contains(held.Job))
                continue;
            var connection = reader.Events.Last(seen => seen.At <= deadline).Connection;
            var events = reader.Events.Where(seen => seen.Connection == connection).ToArray();
            if (events[0].At > deadline - needed || events[^1].At < deadline && events[^1].Kind is not (ReaderEventKind.State or ReaderEventKind.Named or ReaderEventKind.Opened))
                continue;
            // Its backend may never have known of the document: the store has forgotten it, and nobody lives to offer it again.
            if (history.Disturbances.Any(loss => loss.LosesData && loss.To > death.From - (history.Limits.Lease / 3) - history.Limits.Recovery && loss.From < events[0].At))
                continue;
            if (events.LastOrDefault(seen => seen.At <= deadline && seen.Detail is "stalled" or "resumed")?.Detail != "stalled")
                yield return new("G7", reader.Document, Text($"{reader} was not told by {deadline:F0} that {held.Revision} is stalled, although {death.Worker} was killed at {death.From:F0}."));
        }
    }

    /// <summary>By when the death must be seen: disturbances, as far as they come in between, put it off.</summary>
    private static double Deadline(History history, double killed)
    {
        var limits = history.Limits;
        var (deadline, before) = (killed + limits.Lease + limits.Quiet + limits.Slack, 0.0);
        while (deadline != before)
        {
            before = deadline;
            foreach (var disturbance in history.Disturbances.Where(disturbance => disturbance.Worker is null && disturbance.Overlaps(killed - limits.Recovery, before)))
                deadline = Math.Max(deadline, disturbance.To + limits.Recovery + limits.Lease + limits.Quiet + limits.Slack);
        }

        return deadline;
    }
}

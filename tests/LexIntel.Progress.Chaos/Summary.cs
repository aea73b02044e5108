using System.Globalization;
using System.Text;
using LexIntel.Progress.Chaos.Histories;
using LexIntel.Progress.Chaos.Rules;

namespace LexIntel.Progress.Chaos;

/// <summary>The figures of an experiment.</summary>
internal static class Summary
{
    public static string Of(History history)
    {
        var text = new StringBuilder("\n");
        var faults = history.Disturbances.CountBy(disturbance => disturbance.Kind).OrderBy(pair => pair.Key, StringComparer.Ordinal);
        Line($"faults           {string.Join(", ", faults.Select(pair => $"{pair.Key} {pair.Value}"))}");
        Line($"jobs             {history.Jobs.Count}, of which {history.Jobs.Values.Count(job => job.IsContinuation)} continued others, {history.Jobs.Values.Count(job => double.IsFinite(job.SupersededAt))} were superseded");

        // Every stored state has a revision of its own, and the numbers of an attempt have no gaps but for failed offers.
        var revisions = history.Documents.SelectMany(readers => readers.SelectMany(reader => reader.States).Select(seen => (readers.Key, seen.State!.Revision)).Distinct()).ToArray();
        var stored = revisions.GroupBy(revision => (revision.Key, revision.Revision.Attempt)).Sum(attempt => attempt.Max(revision => revision.Revision.Number));
        var received = history.Readers.Sum(reader => (long)reader.States.Count());
        Line($"calls of workers {history.Calls.Count}: 99.9 % up to {history.Calls.Quantile(0.999):F3} ms, longest {history.Calls.Longest:F1} ms");
        Line($"states           about {stored} stored, {revisions.Length} different ones seen, {received} received by {history.Readers.Count} readers on {history.Readers.Sum(reader => reader.Connections.Count())} connections");
        foreach (var kind in Enum.GetValues<ReaderKind>())
            Line($"skipped          {kind}: {Skipped(history, kind)}");
        var delays = Staleness.Of(history).Where(delay => delay.Reader.Kind != ReaderKind.Slow).ToArray();
        var healthy = delays.Where(delay => history.IsHealthy(delay.Since, delay.Until)).Select(delay => delay.Took).Order().ToArray();
        Line($"staleness        longest {delays.Select(delay => delay.Took).DefaultIfEmpty().Max():F0} ms; undisturbed: 99 % up to {healthy.ElementAtOrDefault((int)(healthy.Length * 0.99)):F0} ms, longest {healthy.LastOrDefault():F0} ms");
        if (delays.MaxBy(delay => delay.Took) is { } worst)
            Line($"                 the longest from {worst.Since:F0} to {worst.Until:F0}, {worst.Reader} of {worst.Reader.Document}, {(worst.Arrived ? "then arrived" : "then left")}, during {string.Join(", ", history.Disturbances.Where(disturbance => disturbance.Worker is null && disturbance.Overlaps(worst.Since, worst.Until)).Select(disturbance => Checker.Text($"{disturbance.Kind} {disturbance.From:F0}-{disturbance.To:F0}")))}");
        Line($"stalled          {history.Readers.Sum(reader => reader.Events.Count(seen => seen.Detail == "stalled"))} times, resumed {history.Readers.Sum(reader => reader.Events.Count(seen => seen.Detail == "resumed"))}; degraded {history.Readers.Sum(reader => reader.Events.Count(seen => seen.Detail == "degraded"))}, recovered {history.Readers.Sum(reader => reader.Events.Count(seen => seen.Detail == "recovered"))}");
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Numbers of an attempt that lie between two states of one connection.</summary>
    private static long Skipped(History history, ReaderKind kind) => history.Readers.Where(reader => reader.Kind == kind).SelectMany(reader => reader.Connections)
        .Select(connection => connection.Where(seen => seen.Kind == ReaderEventKind.State).Select(seen => seen.State!.Revision).ToArray())
        .Sum(seen => seen.Zip(seen.Skip(1)).Where(pair => pair.First.Attempt == pair.Second.Attempt).Sum(pair => pair.Second.Number - pair.First.Number - 1));
}

using System.Globalization;
using System.Text;
using LexIntel.Progress.Chaos.Histories;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>Prints a violation with everything that happened to its document, in the order of time.</summary>
internal static class HistoryPrinter
{
    private const int MostPrinted = 5;

    /// <summary>Prints a few violations, one of each guarantee first: one cause often has many.</summary>
    public static string Print(History history, IReadOnlyList<Violation> violations) => string.Join('\n', violations
        .DistinctBy(violation => violation.Guarantee).Concat(violations).Distinct().Take(MostPrinted).Select(violation => Print(history, violation)));

    private static string Print(History history, Violation violation)
    {
        var text = new StringBuilder($"{violation.Guarantee} {violation.Document}: {violation.What}\n");
        if (violation.Document.Length == 0)
            return text.ToString();

        List<(double At, string Line)> lines = [];
        foreach (var job in history.Jobs.Values.Where(job => job.Document == violation.Document))
        {
            lines.Add((job.StartedAt, $"{job.Worker} starts {(job.IsPlain ? "plain" : "job")} {job.Job}{(job.IsContinuation ? ", continuing" : "")}{(job.IsStale ? ", stale" : "")}"));
            if (job.End.Length > 0)
                lines.Add((job.EndedAt, $"{job.Worker} ends job {job.Job}: {job.End}"));
            if (double.IsFinite(job.SupersededAt))
                lines.Add((job.SupersededAt, $"{job.Worker} job {job.Job} learns that it is superseded"));
        }

        foreach (var disturbance in history.Disturbances)
        {
            lines.Add((disturbance.From, $"-- {disturbance.Kind} {disturbance.Worker} begins"));
            if (double.IsFinite(disturbance.To))
                lines.Add((disturbance.To, $"-- {disturbance.Kind} {disturbance.Worker} ends"));
        }

        foreach (var reader in history.Readers.Where(reader => reader.Document == violation.Document))
            lines.AddRange(reader.Events.Select(seen => (seen.At, $"    {reader}.{seen.Connection} b{seen.Backend} {seen.Kind} {Describe(seen)}")));
        foreach (var (at, line) in lines.OrderBy(line => line.At))
            text.Append(CultureInfo.InvariantCulture, $"  {at:F0} {line}\n");
        text.Append(CultureInfo.InvariantCulture, $"  {history.EndedAt:F0} stored: {history.Stored.GetValueOrDefault(violation.Document)}\n");
        return text.ToString();
    }

    private static string Describe(ReaderEvent seen) => seen.State is not { } state
        ? seen.Detail
        : string.Create(CultureInfo.InvariantCulture, $"{state.Revision} {state.Status} {state.Step} {state.Percent} {state.Author}{(state.Steps is { } steps ? $" [{string.Join(' ', steps)}]" : "")} @{state.Timestamp:F0}");
}

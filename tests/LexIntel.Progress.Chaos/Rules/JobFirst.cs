using LexIntel.Progress.Chaos.Histories;
using static LexIntel.Progress.Chaos.Rules.Checker;

namespace LexIntel.Progress.Chaos.Rules;

/// <summary>G5: no call of a worker threw or was held up, and in the end the newest state of every document whose worker lives is stored.</summary>
internal static class JobFirst
{
    /// <summary>How long the outbox keeps an end for a store that forgets.</summary>
    private const double EndsAreKept = 60_000;

    private const double PercentStep = 0.15;

    public static IEnumerable<Violation> Check(History history)
    {
        var limits = history.Limits;
        foreach (var thrown in history.Thrown)
            yield return new("G5", "", $"A call threw in {thrown}");
        foreach (var call in history.SlowCalls)
        {
            if (call.Took > limits.LongestCall && !history.WasHeldUp(call.Worker, call.At - call.Took, call.At + 200))
                yield return new("G5", "", Text($"{call.Call} of {call.Worker} took {call.Took:F0} ms until {call.At:F0}."));
        }

        // On a machine that is busy with other things every thread is late now and then, whatever it calls.
        var slow = history.SlowCalls.Count(call => call.Took > limits.LongestCallOf999 && !history.WasHeldUp(call.Worker, call.At - call.Took, call.At + 200)
            && !history.Hitches.Any(hitch => hitch.Worker == call.Worker && hitch.Overlaps(call.At - call.Took - 100, call.At + 100)));
        if (slow > 0.001 * history.Calls.Count)
            yield return new("G5", "", Text($"{slow} of {history.Calls.Count} calls took longer than {limits.LongestCallOf999} ms; 99.9 % of all took up to {history.Calls.Quantile(0.999):F1} ms."));

        foreach (var jobs in history.Jobs.Values.GroupBy(job => job.Document))
        {
            if (jobs.Where(job => !job.IsStale).MaxBy(job => job.StartedAt) is { IsPlain: false } newest && WhyNotStored(history, newest) is { } why)
                yield return new("G5", jobs.Key, why);
        }
    }

    private static string? WhyNotStored(History history, JobFacts job)
    {
        // Described at the end: its process lived.
        if (job.AtEnd is not { } end || job.SupersededAt <= history.EndedAt)
            return null;
        var stored = history.Stored.GetValueOrDefault(job.Document);
        if (job.End.Length > 0)
        {
            var isForgotten = history.Disturbances.Any(disturbance => disturbance.LosesData && disturbance.To > job.EndedAt + EndsAreKept - history.Limits.Recovery);
            return stored?.Job == job.Job && stored.Status == Status(job.End) || isForgotten
                ? null
                : $"Job {job.Job} ended with '{job.End}', stored is {stored}.";
        }

        var percent = Math.Min(99.9, end.Percent);
        return stored?.Job == job.Job && stored.Step == end.Step && Math.Abs(stored.Percent - percent) < PercentStep
            ? null
            : Text($"Job {job.Job} is in {end.Step} at {end.Percent:F1} %, stored is {stored}.");
    }

    private static string Status(string end) => end switch
    {
        "complete" => "completed",
        "fail" => "failed",
        "retry" => "retrying",
        "cancel" => "cancelled",
        _ => "processing",
    };
}

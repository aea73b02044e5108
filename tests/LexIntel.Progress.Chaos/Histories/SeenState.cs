using System.Globalization;
using System.Text.Json;

namespace LexIntel.Progress.Chaos.Histories;

/// <summary>A state as a reader saw it, or as it was stored.</summary>
/// <param name="Revision">Its revision.</param>
/// <param name="Status">The word on the wire.</param>
/// <param name="Percent">The percentage.</param>
/// <param name="Step">The step; tracked jobs name theirs s0, s1, s2… through a whole attempt.</param>
/// <param name="Steps">The names of the steps; <see langword="null"/> in the short form.</param>
/// <param name="Author">Who reported it, from the message: <c>j</c> and the job's number, or <c>p</c> and the plain life's.</param>
/// <param name="Timestamp">When it was reported.</param>
internal sealed record SeenState(
    ProgressRevision Revision, string Status, double Percent, string Step, IReadOnlyList<string>? Steps, string Author, double Timestamp)
{
    public bool IsTerminal => Status is "completed" or "failed" or "cancelled";

    /// <summary>Reported by a job. Before its first step a job has said nothing, and so has no author.</summary>
    public bool IsTracked => !Author.StartsWith('p');

    /// <summary>The number of the job; 0 when the state does not say.</summary>
    public int Job => Author.StartsWith('j') && int.TryParse(Author.AsSpan(1), CultureInfo.InvariantCulture, out var job) ? job : 0;

    /// <summary>The place of the step in its attempt; -1 when there is none.</summary>
    public int StepIndex => IndexOf(Step);

    public static int IndexOf(string step) => step.StartsWith('s') && int.TryParse(step.AsSpan(1), CultureInfo.InvariantCulture, out var index) ? index : -1;

    /// <summary><see langword="null"/> when it has no revision, as the event that says that nothing is known yet.</summary>
    public static SeenState? Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (!root.TryGetProperty("revision", out var revision))
            return null;
        var message = root.GetProperty("message").GetString() ?? "";
        return new(
            ProgressRevision.Parse(revision.GetString()!),
            root.GetProperty("status").GetString()!,
            root.GetProperty("progress").GetDouble(),
            root.GetProperty("step").GetString()!,
            root.TryGetProperty("steps", out var steps) ? [.. steps.EnumerateArray().Select(step => step.GetProperty("name").GetString()!)] : null,
            message.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? message[..end] : message,
            (root.GetProperty("timestamp").GetDateTimeOffset().UtcDateTime - DateTime.UnixEpoch).TotalMilliseconds);
    }
}

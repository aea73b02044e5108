namespace LexIntel.Progress.Tracking;

/// <summary>
/// The steps of an attempt as readers see them: at most 64, the oldest go first. The list it returns is replaced at each change and never
/// modified, so it may be handed out. Not thread-safe.
/// </summary>
internal sealed class StepList(IReadOnlyList<ProgressStep> steps)
{
    public IReadOnlyList<ProgressStep> Steps { get; private set; } = steps;

    private ProgressStep? Last => Steps.Count == 0 ? null : Steps[^1];

    /// <summary>Begins a step and so ends the one before. <see langword="false"/> when it runs already.</summary>
    public bool Start(string name, DateTimeOffset now)
    {
        if (Last is { Duration: null } running && running.Name == name)
            return false;
        // Arrays: they are what is smallest, and an outbox holds many.
        Steps = Ended(ProgressStatus.Completed, now).TakeLast(Wire.StateLimits.Steps - 1).Append(new(name, ProgressStatus.Processing, now)).ToArray();
        return true;
    }

    public void End(ProgressStatus status, DateTimeOffset now) => Steps = Ended(status, now).ToArray();

    private IEnumerable<ProgressStep> Ended(ProgressStatus status, DateTimeOffset now)
    {
        if (Last is not { Duration: null } running)
            return Steps;
        var duration = now > running.Started ? now - running.Started : TimeSpan.Zero;
        return Steps.SkipLast(1).Append(running with { Status = status, Duration = duration });
    }
}

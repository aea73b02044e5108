using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tracking;

/// <summary>What a job has reported, as one state. Not thread-safe.</summary>
internal sealed class JobState
{
    private readonly IReadOnlyList<ProgressPlanStep> _plan;
    private readonly DateTimeOffset _attemptStarted;
    private readonly Bar _bar;
    private readonly StepList _steps;
    private readonly Estimate _estimate;
    private ProgressStatus _status = ProgressStatus.Processing;
    private string _step;
    private string _message = "";
    private string? _error;
    private DateTimeOffset _endedAt;

    public JobState(ProgressPlan? plan, ProgressAttempt? continued, DateTimeOffset now)
    {
        _plan = plan?.Steps ?? continued?.Plan ?? [];
        _attemptStarted = continued?.Started ?? now;
        _bar = new(_plan, continued?.Percent ?? 0);
        _steps = new(continued?.Steps ?? []);
        _step = continued?.Steps is [.., var last] ? last.Name : "";
        // The step that the job before was in goes on: the bar moves inside it from the first report on.
        if (continued?.Steps is [.., { Duration: null } running])
            _bar.Enter(running.Name);
        _estimate = new(_bar.Percent);
    }

    /// <summary>Nothing that is reported counts any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>It ended without ending the attempt: another job goes on.</summary>
    public bool IsHandedOver => IsEnded && _status == ProgressStatus.Processing;

    public double Percent => _bar.Percent;

    /// <summary>Enters a step. <see langword="true"/> when it did not run already.</summary>
    public bool StartStep(string name, string message, DateTimeOffset now)
    {
        (_step, _message) = (name, message);
        _estimate.Skip(_bar.Enter(name));
        return _steps.Start(name, now);
    }

    /// <summary>Moves the bar. <see langword="true"/> when a reader would see the difference.</summary>
    public bool Move(double fraction) => _bar.Move(fraction);

    /// <summary>Changes the message. <see langword="true"/> when it is another.</summary>
    public bool Say(string message)
    {
        if (string.Equals(_message, message, StringComparison.Ordinal))
            return false;
        _message = StateLimits.Cut(message, StateLimits.TextLength);
        return true;
    }

    public void End(ProgressStatus status, string? message, string? error, DateTimeOffset now)
    {
        (IsEnded, _status, _endedAt) = (true, status, now);
        _message = message is null ? _message : StateLimits.Cut(message, StateLimits.TextLength);
        _error = error is null ? null : StateLimits.Cut(error, StateLimits.TextLength);
        // A step of a run that will be repeated has failed; "retrying" is the document's.
        _steps.End(status == ProgressStatus.Retrying ? ProgressStatus.Failed : status, now);
        if (status == ProgressStatus.Completed)
            _bar.Finish();
    }

    /// <summary>Ends the job but not the attempt: step and bar stay as they are.</summary>
    public void HandOver(DateTimeOffset now) => (IsEnded, _endedAt) = (true, now);

    /// <summary>Ends the job without anything that could be shown.</summary>
    public void Discard() => IsEnded = true;

    /// <param name="now">The time of the report that is made now.</param>
    /// <param name="elapsed">Since the job began.</param>
    public StateFields ToFields(DateTimeOffset now, TimeSpan elapsed) => new()
    {
        Status = _status,
        Step = _step,
        Percent = _bar.Percent,
        Message = _message,
        Timestamp = IsEnded ? _endedAt : now,
        ErrorMessage = _error,
        Remaining = IsEnded ? null : _estimate.Remaining(elapsed, _bar.Percent),
        Steps = _steps.Steps,
    };

    public ProgressAttempt ToAttempt(string documentId, ProgressRevision revision, int run) => new()
    {
        DocumentId = documentId,
        Attempt = revision.Attempt,
        Number = revision.Number,
        Run = run,
        Percent = _bar.Percent,
        Started = _attemptStarted,
        Plan = _plan,
        Steps = _steps.Steps,
    };
}

using LexIntel.Progress.Backplane;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tracking;

/// <summary>What the tracker of a job needs from its process.</summary>
/// <param name="Outbox">Where it says that it has news.</param>
/// <param name="Options">The settings.</param>
/// <param name="Time">The clock.</param>
/// <param name="IsHostStopping">Whether unfinished work was interrupted by the host and will be run again.</param>
internal sealed record TrackingContext(Outbox Outbox, ProgressOptions Options, TimeProvider Time, Func<bool> IsHostStopping);

/// <summary>
/// The state of one job's work, and its slot in the outbox. Reports change the state and mark the slot; the pump renders what is newest
/// when the slot is due. So a report costs a lock and a comparison, whatever the backplane does.
/// </summary>
#pragma warning disable CA1001 // See _superseded.
internal sealed class JobTracker : OutboxEntry
#pragma warning restore CA1001
{
    internal const string GeneralError = "The document could not be processed.";
    internal const string InterruptedError = "The work was interrupted and will start again.";
    private const string AbandonedError = "The job was disposed before it was completed.";

    private readonly Lock _gate = new();
    private readonly TrackingContext _context;
    private readonly TrackOptions _options;
    private readonly IReadOnlyList<ProgressPlanStep> _plan;
    private readonly DateTimeOffset _attemptStarted;
    private readonly long _started;
    private readonly Bar _bar;
    private readonly StepList _steps;
    private readonly Estimate _estimate;
    private readonly AttemptNumbering _numbering;

    // Made when somebody asks for the token. Never disposed: it has no timer, and the token may be held for as long as one likes.
    private CancellationTokenSource? _superseded;
    private bool _isSuperseded;
    private ProgressStatus _status = ProgressStatus.Processing;
    private string _step = "";
    private string _message = "";
    private string? _error;
    private DateTimeOffset _endedAt;
    private bool _isEnded;
    private bool _isSilent;
    private bool _isFinalNumbered;
    private ProgressRevision _offered;
    private bool _isOfferedAgain;
    private long? _acknowledgedEnd;
    private bool _publishFull = true;

    /// <param name="documentId">The document.</param>
    /// <param name="plan">The plan; <see langword="null"/> for the continued attempt's, or none.</param>
    /// <param name="options">How to track.</param>
    /// <param name="context">The process.</param>
    /// <param name="knownAttempt">The highest attempt of this document that this process knows of; 0 if none.</param>
    public JobTracker(string documentId, ProgressPlan? plan, TrackOptions options, TrackingContext context, long knownAttempt)
        : base(documentId)
    {
        var continued = options.Continue;
        var now = context.Time.GetUtcNow();
        _context = context;
        _options = options;
        _plan = plan?.Steps ?? continued?.Plan ?? [];
        _started = context.Time.GetTimestamp();
        _attemptStarted = continued?.Started ?? now;
        _bar = new(_plan, continued?.Percent ?? 0);
        _steps = new(continued?.Steps ?? []);
        _step = continued?.Steps is [.., var last] ? last.Name : "";
        _estimate = new(_bar.Percent);
        _numbering = continued is null
            ? new(Math.Max(now.ToUnixTimeMilliseconds(), knownAttempt + 1), 0, run: 0)
            : new(continued.Attempt, continued.Number, continued.Run);
    }

    public CancellationToken Superseded
    {
        get
        {
            lock (_gate)
                return _isSuperseded ? new(canceled: true) : (_superseded ??= new()).Token;
        }
    }

    public TrackOptions Options => _options;

    public long Attempt
    {
        get
        {
            lock (_gate)
                return _numbering.Attempt;
        }
    }

    public double Percent
    {
        get
        {
            lock (_gate)
                return _bar.Percent;
        }
    }

    public override bool IsFinal
    {
        get
        {
            lock (_gate)
                return _isEnded;
        }
    }

    public override bool NeedsRenewal
    {
        get
        {
            lock (_gate)
                return !_isSilent && _numbering.IsAcknowledged && (!_isEnded || _acknowledgedEnd is not null);
        }
    }

    public void StartStep(string name, string message)
    {
        name = StateLimits.Cut(name, StateLimits.StepLength);
        message = StateLimits.Cut(message, StateLimits.TextLength);
        bool isNew;
        lock (_gate)
        {
            if (_isEnded)
                return;
            isNew = _steps.Start(name, _context.Time.GetUtcNow());
            _bar.Enter(name);
            (_step, _message) = (name, message);
            _publishFull |= isNew;
        }

        Mark(isNew);
    }

    public void Report(double fraction)
    {
        lock (_gate)
        {
            if (_isEnded || !_bar.Move(fraction))
                return;
        }

        Mark(isUrgent: false);
    }

    public void Report(double fraction, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_gate)
        {
            if (_isEnded || !(_bar.Move(fraction) | !string.Equals(_message, message, StringComparison.Ordinal)))
                return;
            _message = StateLimits.Cut(message, StateLimits.TextLength);
        }

        Mark(isUrgent: false);
    }

    public void SetMessage(string message) => Report(0, message);

    /// <summary>Ends the job. The first end counts, whatever is called later.</summary>
    /// <param name="status">How.</param>
    /// <param name="message">What a person should read; <see langword="null"/> leaves what was said last.</param>
    /// <param name="error">Why it failed.</param>
    public void End(ProgressStatus status, string? message, string? error)
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
            EndUnsynchronized(status);
            _message = message is null ? _message : StateLimits.Cut(message, StateLimits.TextLength);
            _error = error is null ? null : StateLimits.Cut(error, StateLimits.TextLength);
            // A step of a run that will be repeated has failed; "retrying" is the document's.
            _steps.End(status == ProgressStatus.Retrying ? ProgressStatus.Failed : status, _endedAt);
            if (status == ProgressStatus.Completed)
                _bar.Finish();
        }

        Mark(isUrgent: true);
    }

    /// <summary>Ends the job after an exception, as its options say.</summary>
    public void EndWith(Exception exception)
    {
        if (_context.IsHostStopping() && exception is OperationCanceledException)
            End(ProgressStatus.Retrying, message: null, InterruptedError);
        else
            End(Ask(_options.WillRetry, exception) ? ProgressStatus.Retrying : ProgressStatus.Failed, message: null, Ask(_options.DescribeError, exception) ?? GeneralError);
    }

    /// <summary>Ends the job that nobody ended.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            if (_isEnded)
                return;
        }

        if (_context.IsHostStopping())
            End(ProgressStatus.Retrying, message: null, InterruptedError);
        else
            EndWith(new InvalidOperationException(AbandonedError));
    }

    /// <summary>Ends the job because its process does.</summary>
    public void Interrupt() => End(ProgressStatus.Retrying, message: null, InterruptedError);

    public ProgressAttempt HandOver()
    {
        ProgressAttempt attempt;
        lock (_gate)
        {
            if (_isEnded)
                throw new InvalidOperationException($"The job on document '{DocumentId}' has ended; only a running job can be handed over. Call HandOver() before Complete(), Fail() or Dispose.");
            EndUnsynchronized(ProgressStatus.Processing);
            // Numbered here: the next job's numbers begin above.
            var revision = _numbering.Next();
            _isFinalNumbered = true;
            attempt = new()
            {
                DocumentId = DocumentId,
                Attempt = revision.Attempt,
                Number = revision.Number,
                Run = _numbering.Run,
                Percent = _bar.Percent,
                Started = _attemptStarted,
                BatchId = _options.BatchId,
                Plan = _plan,
                Steps = _steps.Steps,
            };
        }

        Mark(isUrgent: true);
        return attempt;
    }

    /// <summary>
    /// Another job has taken the document over: what this one has not sent is older than what that one says. If it is of a newer attempt,
    /// this one is superseded.
    /// </summary>
    public void ReplaceBy(long attempt)
    {
        CancellationTokenSource? superseded;
        lock (_gate)
        {
            _isSilent = true;
            _isSuperseded |= attempt > _numbering.Attempt && !_isEnded;
            _isEnded = true;
            superseded = _isSuperseded ? _superseded : null;
        }

        // Asynchronously: what the job's user does then must not hold up the pump.
        _ = superseded?.CancelAsync();
    }

    public override bool TryOffer(OfferGroup group)
    {
        lock (_gate)
        {
            if (_isSilent)
                return false;
            // An end keeps its number however often it is offered, so that offering it again is a no-op where it is stored.
            var revision = _isEnded && _isFinalNumbered ? _numbering.Current : _numbering.Next();
            _isFinalNumbered = _isEnded;
            (_isOfferedAgain, _offered) = (revision == _offered, revision);
            var now = _context.Time.GetUtcNow();
            StateFields fields = new()
            {
                DocumentId = DocumentId,
                Run = _numbering.Run,
                Status = _status,
                Step = _step,
                Percent = _bar.Percent,
                Message = _message,
                Timestamp = _isEnded ? _endedAt : now,
                ErrorMessage = _error,
                Remaining = _isEnded ? null : _estimate.Remaining(_context.Time.GetElapsedTime(_started), _bar.Percent),
                BatchId = _options.BatchId,
                Steps = _steps.Steps,
                Lease = _isEnded ? TimeSpan.Zero : _context.Options.Lease,
                Retention = _context.Options.Retention,
            };
            group.Add(OfferKind.Numbered, revision, fields, _publishFull || _isEnded);
            _publishFull = false;
            return true;
        }
    }

    public override bool Settle(in OfferResult result)
    {
        NumberingVerdict verdict;
        lock (_gate)
        {
            if (_isSilent)
                return false;
            switch (result.Outcome)
            {
                case OfferOutcome.Impossible:
                    _isSilent = true;
                    return false;
                case OfferOutcome.Unknown or OfferOutcome.NotNow:
                    _numbering.Fail();
                    // Nobody knows whether readers got the steps.
                    _publishFull = true;
                    verdict = NumberingVerdict.OfferAgain;
                    break;
                default:
                    var wasHandedOver = _isEnded && !_status.IsTerminal && _status != ProgressStatus.Retrying;
                    // A revision that was never offered before cannot be stored already: a plain update or a rival of the same millisecond took it.
                    var answer = result.Outcome == OfferOutcome.Repeated && !_isOfferedAgain ? result with { Outcome = OfferOutcome.Refused } : result;
                    if (wasHandedOver && answer.Outcome == OfferOutcome.Refused && answer.Revision.Attempt == _numbering.Attempt)
                        verdict = NumberingVerdict.Stored; // The next job has begun.
                    else
                        verdict = _numbering.Settle(answer, _context.Time.GetElapsedTime(_started));
                    if (verdict == NumberingVerdict.OfferAgain)
                        (_publishFull, _isFinalNumbered) = (true, false);
                    if (verdict == NumberingVerdict.Stored && _isEnded && _isFinalNumbered && _offered == _numbering.Current)
                        _acknowledgedEnd ??= _context.Time.GetTimestamp();
                    break;
            }
        }

        return Conclude(verdict);
    }

    public override bool Renewed(ProgressRevision? stored)
    {
        NumberingVerdict verdict;
        lock (_gate)
        {
            if (_isSilent)
                return false;
            verdict = _numbering.Compare(stored);
            _publishFull |= verdict == NumberingVerdict.OfferAgain;
        }

        return Conclude(verdict);
    }

    public override bool IsDone(long now, TimeSpan keep)
    {
        lock (_gate)
            return _isSilent || (_acknowledgedEnd is { } since && _context.Time.GetElapsedTime(since, now) >= keep);
    }

    private bool Conclude(NumberingVerdict verdict)
    {
        if (verdict == NumberingVerdict.Superseded)
            ReplaceBy(long.MaxValue);
        return verdict == NumberingVerdict.OfferAgain;
    }

    private void EndUnsynchronized(ProgressStatus status)
    {
        _isEnded = true;
        _status = status;
        _endedAt = _context.Time.GetUtcNow();
    }

    private void Mark(bool isUrgent)
    {
        if (isUrgent)
            _context.Outbox.MarkUrgent(this);
        else
            _context.Outbox.Mark(this);
    }

    /// <summary>Asks the user's code; an error in it must not hide the error that is being handled.</summary>
    private static T? Ask<T>(Func<Exception, T>? question, Exception exception)
    {
        try
        {
            return question is null ? default : question(exception);
        }
#pragma warning disable CA1031 // Any error of the user's delegate counts as no answer.
        catch (Exception)
#pragma warning restore CA1031
        {
            return default;
        }
    }
}

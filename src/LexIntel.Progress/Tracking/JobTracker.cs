using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Publishing;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tracking;

/// <summary>
/// One job's slot in the outbox. Reports change its state and mark the slot; the pump renders what is newest when the slot is due. So a
/// report costs a lock and a comparison, whatever the backplane does.
/// </summary>
#pragma warning disable CA1001 // See _superseded.
internal sealed class JobTracker : OutboxEntry
#pragma warning restore CA1001
{
    private readonly TrackingContext _context;
    private readonly TrackOptions _options;
    private readonly long _started;
    // Also what is locked: one object less for each job.
    private readonly JobState _state;
    private readonly AttemptNumbering _numbering;
    private readonly string? _batchId;
    private readonly double _batchWeight;

    // Made when somebody asks for the token. Never disposed: it has no timer, and the token may be held for as long as one likes.
    private CancellationTokenSource? _superseded;
    private bool _isSuperseded;
    private bool _isSilent;
    private bool _isFinalNumbered;
    private ProgressRevision _offered;
    private long _attemptHandedOver;
    private bool _isOfferedAgain;
    // Two fields are smaller than one that may be null, and an outbox holds many.
    private bool _isEndAcknowledged;
    private long _endAcknowledgedAt;
    private bool _publishFull = true;

    /// <param name="documentId">The document.</param>
    /// <param name="plan">The plan; <see langword="null"/> for the continued attempt's, or none.</param>
    /// <param name="options">How to track.</param>
    /// <param name="context">The process.</param>
    /// <param name="before">The job that tracked the document before in this process; <see langword="null"/> if none.</param>
    public JobTracker(string documentId, ProgressPlan? plan, TrackOptions options, TrackingContext context, JobTracker? before)
        : base(documentId)
    {
        var continued = before is null ? options.Continue : before.GoOn(options.Continue);
        var now = context.Time.GetUtcNow();
        _context = context;
        _options = options;
        _started = context.Time.GetTimestamp();
        (_batchId, _batchWeight) = options.BatchId is null && continued is not null ? (continued.BatchId, continued.BatchWeight) : (options.BatchId, options.BatchWeight);
        Trace = ProgressTraces.Current;
        _state = new(plan, continued, now);
        _numbering = continued is null
            ? new(Math.Max(now.ToUnixTimeMilliseconds(), (before?.Attempt ?? 0) + 1), 0, run: 0)
            : new(continued.Attempt, continued.Number, continued.Run);
    }

    public string DocumentId => Subject.Id;

    public override string? Trace { get; }

    public CancellationToken Superseded
    {
        get
        {
            lock (_state)
                return _isSuperseded ? new(canceled: true) : (_superseded ??= new()).Token;
        }
    }

    public long Attempt
    {
        get
        {
            lock (_state)
                return _numbering.Attempt;
        }
    }

    public double Percent
    {
        get
        {
            lock (_state)
                return _state.Percent;
        }
    }

    public override bool IsFinal
    {
        get
        {
            lock (_state)
                return _state.IsEnded;
        }
    }

    public override StateFields? Reported
    {
        get
        {
            lock (_state)
                return FieldsUnsynchronized();
        }
    }

    public override bool NeedsRenewal
    {
        get
        {
            lock (_state)
                return !_isSilent && _numbering.IsAcknowledged && (!_state.IsEnded || _isEndAcknowledged);
        }
    }

    public void StartStep(string name, string message)
    {
        name = StateLimits.Cut(name, StateLimits.StepLength);
        message = StateLimits.Cut(message, StateLimits.TextLength);
        bool isNew;
        lock (_state)
        {
            if (_state.IsEnded)
                return;
            isNew = _state.StartStep(name, message, _context.Time.GetUtcNow());
            _publishFull |= isNew;
        }

        _context.Outbox.Report(this, isNew);
    }

    public void Report(double fraction)
    {
        lock (_state)
        {
            if (_state.IsEnded || !_state.Move(fraction))
                return;
        }

        _context.Outbox.Report(this, isUrgent: false);
    }

    public void Report(double fraction, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (_state)
        {
            if (_state.IsEnded || !(_state.Move(fraction) | _state.Say(message)))
                return;
        }

        _context.Outbox.Report(this, isUrgent: false);
    }

    public void SetMessage(string message) => Report(0, message);

    /// <summary>Ends the job. The first end counts, whatever is called later.</summary>
    /// <param name="status">How.</param>
    /// <param name="message">What a person should read; <see langword="null"/> leaves what was said last.</param>
    /// <param name="error">Why it failed.</param>
    public void End(ProgressStatus status, string? message, string? error)
    {
        lock (_state)
        {
            if (_state.IsEnded)
                return;
            _state.End(status, message, error, _context.Time.GetUtcNow());
        }

        _context.Outbox.Report(this, isUrgent: true);
    }

    /// <summary>Ends the job after an exception, as its options say.</summary>
    public void EndWith(Exception exception)
    {
        var (status, error) = JobEnding.After(exception, _options, _context.IsHostStopping());
        End(status, message: null, error);
    }

    /// <summary>Ends the job that nobody ended.</summary>
    public void Abandon()
    {
        if (IsFinal)
            return;
        if (_context.IsHostStopping())
            Interrupt();
        else
            EndWith(new InvalidOperationException(JobEnding.Abandoned));
    }

    /// <summary>Ends the job because its process does.</summary>
    public void Interrupt() => End(ProgressStatus.Retrying, message: null, JobEnding.Interrupted);

    public ProgressAttempt HandOver()
    {
        ProgressAttempt attempt;
        lock (_state)
        {
            // A queue would take an error for a failure and start yet another attempt, which would fence out the one that counts. Without a run
            // the next job would be taken for a beginning, which moves above that one too.
            if (_isSuperseded)
                return AttemptUnsynchronized(_numbering.Next(), Math.Max(_numbering.Run, 1));
            if (_state.IsEnded)
                throw new InvalidOperationException($"The job on document '{DocumentId}' has ended; only a running job can be handed over. Call HandOver() before Complete(), Fail() or Dispose.");
            _state.HandOver(_context.Time.GetUtcNow());
            // Numbered here: the next job's numbers begin above.
            attempt = AttemptUnsynchronized(_numbering.Next(), _numbering.Run);
            _attemptHandedOver = attempt.Attempt;
            _isFinalNumbered = true;
        }

        _context.Outbox.Report(this, isUrgent: true);
        return attempt;
    }

    /// <summary>
    /// Another job has taken the document over: what this one has not sent is older than what that one says. If it is of a newer attempt,
    /// this one is superseded.
    /// </summary>
    public void ReplaceBy(long attempt)
    {
        CancellationTokenSource? superseded;
        lock (_state)
        {
            _isSilent = true;
            _isSuperseded |= attempt > _numbering.Attempt && !_state.IsEnded;
            _state.Discard();
            superseded = _isSuperseded ? _superseded : null;
        }

        // Asynchronously: what the job's user does then must not hold up the pump.
        _ = superseded?.CancelAsync();
    }

    public override bool TryOffer(OfferGroup group)
    {
        lock (_state)
        {
            if (_isSilent)
                return false;
            // An end keeps its number however often it is offered, so that offering it again is a no-op where it is stored.
            var revision = _state.IsEnded && _isFinalNumbered ? _numbering.Current : _numbering.Next();
            _isFinalNumbered = _state.IsEnded;
            (_isOfferedAgain, _offered) = (revision == _offered, revision);
            var fields = FieldsUnsynchronized();
            (fields.Lease, fields.Retention) = (_state.IsEnded ? TimeSpan.Zero : _context.Options.Lease, _context.Options.Retention);
            group.Add(OfferKind.Numbered, revision, fields, _publishFull || _state.IsEnded);
            _publishFull = false;
            return true;
        }
    }

    public override bool Settle(in OfferResult result)
    {
        NumberingVerdict verdict;
        lock (_state)
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
                    // A revision that was never offered before cannot be stored already: a plain update or a rival of the same millisecond took it.
                    var answer = result.Outcome == OfferOutcome.Repeated && !_isOfferedAgain ? result with { Outcome = OfferOutcome.Refused } : result;
                    if (_state.IsHandedOver && answer.Outcome == OfferOutcome.Refused && answer.Revision.Attempt == _numbering.Attempt)
                        verdict = NumberingVerdict.Stored; // The next job has begun.
                    else
                        verdict = _numbering.Settle(answer, _context.Time.GetElapsedTime(_started));
                    if (verdict == NumberingVerdict.OfferAgain)
                        (_publishFull, _isFinalNumbered) = (true, false);
                    if (verdict == NumberingVerdict.Stored && _state.IsEnded && _isFinalNumbered && _offered == _numbering.Current)
                        (_isEndAcknowledged, _endAcknowledgedAt) = (true, _isEndAcknowledged ? _endAcknowledgedAt : _context.Time.GetTimestamp());
                    break;
            }
        }

        return Conclude(verdict);
    }

    public override bool Renewed(ProgressRevision? stored)
    {
        NumberingVerdict verdict;
        lock (_state)
        {
            if (_isSilent)
                return false;
            verdict = _numbering.Compare(stored, _state.IsEnded);
            // Others have gone on after this job's end: renewing their state would make their lease look alive after their death.
            _isSilent |= _isEndAcknowledged && stored > _numbering.Current;
            _publishFull |= verdict == NumberingVerdict.OfferAgain;
        }

        return Conclude(verdict);
    }

    public override bool TryRetire(long now, TimeSpan keep)
    {
        lock (_state)
            return _isSilent || (_isEndAcknowledged && _context.Time.GetElapsedTime(_endAcknowledgedAt, now) >= keep);
    }

    /// <summary>
    /// Where the job goes on that continues an attempt: if this one handed it over and its beginning has moved since, where it stands now: that is
    /// a higher attempt, and the next job would be taken for a late one of an older.
    /// </summary>
    private ProgressAttempt? GoOn(ProgressAttempt? continued)
    {
        lock (_state)
        {
            return continued is not null && continued.Attempt == _attemptHandedOver && _numbering.Attempt != _attemptHandedOver
                ? continued with { Attempt = _numbering.Attempt, Number = _numbering.Number, Run = _numbering.Run }
                : continued;
        }
    }

    private ProgressAttempt AttemptUnsynchronized(ProgressRevision revision, int run) =>
        _state.ToAttempt(DocumentId, revision, run) with { BatchId = _batchId, BatchWeight = _batchWeight };

    private StateFields FieldsUnsynchronized()
    {
        var fields = _state.ToFields(_context.Time.GetUtcNow(), _context.Time.GetElapsedTime(_started));
        (fields.DocumentId, fields.Run, fields.BatchId, fields.BatchWeight) = (DocumentId, _numbering.Run, _batchId, _batchWeight);
        fields.TraceParent = Trace;
        return fields;
    }

    private bool Conclude(NumberingVerdict verdict)
    {
        if (verdict == NumberingVerdict.Superseded)
            ReplaceBy(long.MaxValue);
        return verdict == NumberingVerdict.OfferAgain;
    }
}

using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Tracking;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Publishing;

/// <summary>The slot of a document that is published with plain updates, which the store numbers.</summary>
internal sealed class UpdateEntry(string documentId, TimeProvider time) : OutboxEntry(documentId)
{
    private readonly Lock _gate = new();
    private ProgressUpdate? _newest;
    private DateTimeOffset _timestamp;
    private long _beganAt;
    private string? _trace;
    private StepList _steps = new([]);
    private bool _beginsAttempt;
    private bool _wasBeginning;
    private bool _haveStepsChanged;
    private bool _isOffered = true;
    private bool _isRetired;
    private ProgressRevision? _storedEnd;
    private bool _isPassed;
    private (ProgressUpdate Update, DateTimeOffset Timestamp, StepList Steps, ProgressRevision Revision)? _endBefore;
    private (ProgressRevision Revision, bool IsEnd) _offered;

    // What readers may have seen, whatever the store forgets.
    private (ProgressRevision Revision, int Run, bool IsEnd) _known;
    private bool _isRepeating;
    private long _settledAt = time.GetTimestamp();

    public string DocumentId => Subject.Id;

    public override bool IsFinal
    {
        get
        {
            lock (_gate)
                return _newest is { Status.IsTerminal: true };
        }
    }

    public override string? Trace
    {
        get
        {
            lock (_gate)
                return _trace;
        }
    }

    public override bool NeedsRenewal
    {
        get
        {
            lock (_gate)
                return _storedEnd is not null && !_isPassed;
        }
    }

    public override bool CanRest
    {
        get
        {
            lock (_gate)
                return CanRestUnsynchronized && !IsInFlight && !IsDirty;
        }
    }

    public override StateFields? Reported
    {
        get
        {
            lock (_gate)
                return _newest is { } update ? FieldsUnsynchronized(update) : null;
        }
    }

    /// <summary>Takes an update over.</summary>
    /// <returns>Whether it was taken, and whether it must not wait for the interval; <see langword="null"/> when the entry has left the outbox.</returns>
    public (bool IsTaken, bool IsUrgent)? Accept(ProgressUpdate update)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_isRetired)
                return null;
            var before = _newest;
            var isAfterEnd = before is { Status.IsTerminal: true } && !update.NewAttempt && !update.Status.IsTerminal;
            // The store would refuse it too; here it would overwrite an end that is not sent yet.
            if (isAfterEnd && _storedEnd is null)
                return (false, false);
            // Once the end is stored the store decides: another process may have begun a new attempt. If it has not, the end stays what is kept.
            if (isAfterEnd)
                _endBefore = (before!, _timestamp, _steps, _storedEnd!.Value);
            if (update.NewAttempt || isAfterEnd)
                _steps = new([]);
            if (update.NewAttempt)
                (_beginsAttempt, _isRepeating) = (true, false);
            // An attempt that this begins is as old as the first report that is not known to be stored, however long that waits: else it would
            // fence out a job that began meanwhile.
            if (update.NewAttempt || (_isOffered && !IsInFlight))
                _beganAt = now.ToUnixTimeMilliseconds();
            _newest = update;
            _timestamp = update.Timestamp ?? now;
            _trace = ProgressTraces.Current;
            _isOffered = false;
            (_storedEnd, _isPassed) = (null, false);
            var isNewStep = update.Step.Length > 0 && _steps.Start(StateLimits.Cut(update.Step, StateLimits.StepLength), now);
            if (update.Status.IsTerminal)
                _steps.End(update.Status, now);
            _haveStepsChanged |= isNewStep || update.Status.IsTerminal || update.NewAttempt;
            return (true, isNewStep || update.NewAttempt || update.Status != before?.Status);
        }
    }

    public override bool TryOffer(OfferGroup group)
    {
        lock (_gate)
        {
            if (_newest is not { } update)
                return false;
            var fields = FieldsUnsynchronized(update);
            // An end that was stored once has its revision; offered again under it, it cannot become a second end.
            if (_storedEnd is { } revision)
                OfferUnsynchronized(group, OfferKind.Numbered, revision, fields);
            else
                OfferUnsynchronized(group, fields);
            (_wasBeginning, _beginsAttempt, _haveStepsChanged, _isOffered) = (_beginsAttempt, false, false, true);
            return true;
        }
    }

    public override bool Settle(in OfferResult result)
    {
        lock (_gate)
        {
            _settledAt = time.GetTimestamp();
            if (result.Outcome is OfferOutcome.Unknown or OfferOutcome.NotNow)
            {
                // It may be stored all the same, and seen: what follows must stand above it.
                if (_wasBeginning || _offered.Revision.Number > 1)
                    _known = (_offered.Revision, _wasBeginning ? 0 : _known.Run, _offered.IsEnd);
                _isRepeating = _wasBeginning && !_beginsAttempt;
                _beginsAttempt |= _wasBeginning;
                _haveStepsChanged = true;
                _isOffered = false;
                return true;
            }

            if (result.Revision >= _known.Revision)
                _known = (result.Revision, result.Run, _offered.IsEnd || result.Outcome == OfferOutcome.Refused);
            if (result.Outcome == OfferOutcome.Refused && _isOffered && _endBefore is { } end)
                (_newest, _timestamp, _steps, _storedEnd) = end;
            if (_isOffered)
                _endBefore = null;
            // With a newer update waiting, this answer is history.
            if (_isOffered && result.Outcome is OfferOutcome.Accepted or OfferOutcome.Repeated && _newest is { Status.IsTerminal: true })
                _storedEnd = result.Revision;
            return false;
        }
    }

    public override bool Renewed(ProgressRevision? stored)
    {
        lock (_gate)
        {
            if (_storedEnd is not { } end)
                return false;
            // Renewing what others report now would make their lease look alive after their death.
            _isPassed |= stored > end;
            if (stored >= end)
                return false;
            _isOffered = false;
            return true;
        }
    }

    public override bool TryRetire(long now, TimeSpan keep)
    {
        lock (_gate)
        {
            var rest = CanRestUnsynchronized && keep > TimeSpan.Zero ? Renewals.KeepUnfinished : keep;
            return _isRetired |= _isOffered && !IsInFlight && !IsDirty && time.GetElapsedTime(_settledAt, now) >= rest;
        }
    }

    private void OfferUnsynchronized(OfferGroup group, in StateFields fields)
    {
        var (known, run, hasEnded) = _known;
        var goesOn = _beginsAttempt ? _isRepeating : known.Attempt > 0 && (!hasEnded || fields.Status.IsTerminal);
        OfferUnsynchronized(
            group, _beginsAttempt ? OfferKind.NewAttempt : OfferKind.Next,
            goesOn ? known with { Number = known.Number + 1 } : new(Math.Max(_beganAt, known.Attempt + 1), 1),
            goesOn ? fields with { Run = run } : fields);
    }

    private void OfferUnsynchronized(OfferGroup group, OfferKind kind, ProgressRevision revision, in StateFields fields)
    {
        group.Add(kind, revision, fields, publishFull: _haveStepsChanged || kind == OfferKind.Numbered);
        _offered = (revision, fields.Status.IsTerminal);
    }

    /// <summary>Nobody else knows the steps: without them the next update would begin a list of its own, and replace the one that is stored.</summary>
    private bool CanRestUnsynchronized => _isOffered && _newest is { Status.IsTerminal: false } && _steps.Steps.Count > 0;

    private StateFields FieldsUnsynchronized(ProgressUpdate update) => new()
    {
        DocumentId = DocumentId,
        Status = update.Status,
        Step = StateLimits.Cut(update.Step, StateLimits.StepLength),
        Percent = update.Percent,
        Message = StateLimits.Cut(update.Message, StateLimits.TextLength),
        Timestamp = _timestamp,
        ErrorMessage = update.ErrorMessage is { } error ? StateLimits.Cut(error, StateLimits.TextLength) : null,
        Remaining = update.Remaining,
        BatchId = update.BatchId,
        BatchWeight = update.BatchWeight,
        Steps = _steps.Steps,
        TraceParent = _trace,
    };
}

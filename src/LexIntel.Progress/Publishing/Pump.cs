using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// Empties the outbox into the backplane: per document at most one offer in an interval, ends first, many documents in one call. A second call
/// leaves before the first is answered, never with a document that the first carries: what is reported meanwhile does not wait for a whole round trip.
/// While the backplane is away it tries again, one call at a time and ever more slowly, and whatever the entries hold stays there.
/// </summary>
internal sealed class Pump : IAsyncDisposable
{
    /// <summary>How long an end is kept after it was stored, for the case that the store forgets.</summary>
    internal static readonly TimeSpan KeepEnds = TimeSpan.FromSeconds(60);

    private const int MostCalls = 2;

    private readonly Outbox _outbox;
    private readonly IBackplane _backplane;
    private readonly ProgressOptions _options;
    private readonly TimeProvider _time;
    private readonly ProgressMetrics _metrics;
    private readonly ILogger<Pump> _logger;
    private readonly ITimer _timer;
    private readonly Task _loop;

    private readonly Schedule _schedule;
    private readonly Renewals _renewals;
    private readonly Reach _reach;
    private readonly List<FlushRequest> _flushes = [];
    private readonly OfferCall[] _calls;
    private readonly Stack<OfferCall> _idle;
    private readonly ConcurrentQueue<OfferCall> _answered = new();
    private volatile bool _isRestored;
    private volatile bool _isAsleep;
    private long _steppedAt;
    private volatile bool _isStopping;

    public Pump(Outbox outbox, IBackplane backplane, ProgressOptions options, TimeProvider time, ProgressMetrics metrics, ILogger<Pump> logger)
    {
        (_outbox, _backplane, _options, _time, _metrics, _logger) = (outbox, backplane, options, time, metrics, logger);
        _calls = [.. Enumerable.Range(0, MostCalls).Select(_ => new OfferCall(backplane, options, time, OnAnswered))];
        _idle = new(_calls);
        _schedule = new(Ticks(options.PublishInterval), Ticks(options.BatchInterval));
        _timer = time.CreateTimer(static state => ((Outbox)state!).News.Set(), outbox, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _renewals = new(outbox, backplane, options, time);
        _reach = new(outbox, time, logger);
        _backplane.Restored += OnRestored;
        metrics.Observe("outbox.documents", "{document}", "Documents in the outbox: those that wait, and those that are kept until the store can no longer forget them.", () => _outbox.Count);
        metrics.ObserveBackplane("write", () => !_reach.IsAway);
        _steppedAt = time.GetTimestamp();
        _loop = Detached.Run(RunAsync);
    }

    /// <summary>Whether a step takes far longer than all its calls may.</summary>
    public bool IsStuck => !_isStopping && (_loop.IsCompleted || (!_isAsleep && _time.GetElapsedTime(Volatile.Read(ref _steppedAt)) > 10 * _options.BackplaneTimeout));

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _outbox.News.Set();
        await _loop.ConfigureAwait(false);
        _backplane.Restored -= OnRestored;
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (var call in _calls)
            call.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_isStopping)
        {
            try
            {
                Volatile.Write(ref _steppedAt, _time.GetTimestamp());
                if (await StepAsync().ConfigureAwait(false))
                    continue;
                _isAsleep = true;
                await _outbox.News.WaitAsync().ConfigureAwait(false);
                Volatile.Write(ref _steppedAt, _time.GetTimestamp());
                _isAsleep = false;
            }
#pragma warning disable CA1031 // A defect in one step must not silence the process for ever.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.PumpFailed(_logger, exception);
                _reach.Postpone();
            }
        }

        await Task.WhenAll(_calls.Select(static call => call.Sending)).ConfigureAwait(false);
    }

    /// <summary>Does what is due. <see langword="false"/> when there is nothing to do before the next signal.</summary>
    private async Task<bool> StepAsync()
    {
        if (_isRestored)
        {
            _isRestored = false;
            _reach.TryNow();
            _renewals.Hasten();
        }

        while (_answered.TryDequeue(out var call))
            Conclude(call);
        Collect();
        var now = _time.GetTimestamp();
        if (now < _reach.RetryAt)
            return Sleep();

        // In turns: neither may a flood of reports let leases run out, nor do many leases hold up reports.
        var isRenewing = _renewals.TryGather(now);
        if (isRenewing && !await RenewAsync().ConfigureAwait(false))
            return true;
        var mayCall = _idle.Count == MostCalls || (_idle.Count > 0 && !_reach.IsAway);
        if (_schedule.HasDue && mayCall)
            Offer();
        else if (!isRenewing)
            return Sleep();
        return true;
    }

    private bool Sleep()
    {
        ArmTimer();
        return false;
    }

    /// <summary>Sorts what was marked into due now and due later, and begins the flushes that were asked for.</summary>
    private void Collect()
    {
        var now = _time.GetTimestamp();
        while (_outbox.TryTakeFlush(out var flush))
        {
            _flushes.Add(flush);
            flush.Begin(_outbox.Entries);
        }

        _flushes.RemoveAll(flush => flush.IsOver);
        while (_outbox.TryTakeMarked(out var entry))
        {
            _renewals.Add(entry, now);
            _schedule.Add(entry, now, _flushes.Count > 0);
        }

        _schedule.Advance(now, _flushes.Count > 0);
    }

    private void Offer()
    {
        var call = _idle.Peek();
        while (!call.Group.IsFull(_backplane.GroupSize) && _schedule.TryTake(out var entry))
        {
            // Marked more than once and taken already, or dropped meanwhile.
            if (!entry.IsDirty)
                continue;
            if (entry.IsInFlight)
            {
                entry.IsHeld = true;
                continue;
            }

            entry.IsInFlight = true;
            entry.Unmark();
            foreach (var flush in _flushes)
                flush.Offered(entry);
            if (_outbox.Holds(entry) && entry.TryOffer(call.Group))
            {
                call.Entries.Add(entry);
            }
            else
            {
                entry.IsInFlight = false;
                Settled(entry);
            }
        }

        if (call.Entries.Count == 0)
            return;
        _idle.Pop();
        call.Send();
    }

    /// <summary>Tells everybody concerned what became of a call.</summary>
    private void Conclude(OfferCall call)
    {
        var isTaken = false;
        if (call.Failure is { } failure)
        {
            _reach.Lose(failure.Message);
            foreach (var entry in call.Entries)
                Repeat(entry, new OfferResult(OfferOutcome.Unknown), call.SentAt);
        }
        else
        {
            isTaken = Settle(call);
        }

        _metrics.Published(_time.GetElapsedTime(call.SentAt), isTaken);
        call.Clear();
        _idle.Push(call);
        if (isTaken)
            _reach.Find();
        else
            _reach.Postpone();
    }

    /// <summary>Tells each entry its result. <see langword="false"/> when the store cannot take anything now.</summary>
    private bool Settle(OfferCall call)
    {
        var (group, entries, sentAt) = (call.Group, call.Entries, call.SentAt);
        var isTaken = group.WhyNotTaken is null;
        for (var i = 0; i < entries.Count; i++)
        {
            var (entry, result) = (entries[i], group.Offers[i].Result);
            if (entry is BatchEntry && result.Outcome is not (OfferOutcome.NotNow or OfferOutcome.Impossible))
            {
                Repeat(entry, result, sentAt);
                NoteDropped(entry, result.Tally.Dropped);
                continue;
            }

            switch (result.Outcome)
            {
                case OfferOutcome.NotNow when isTaken:
                    _reach.LosePart(result.Error ?? "");
                    break;
                case OfferOutcome.NotNow:
                    _reach.Lose(result.Error ?? "");
                    break;
                case OfferOutcome.Impossible:
                    _metrics.UpdateDropped("impossible");
                    Log.UpdateImpossible(_logger, entry.Subject, result.Error ?? "");
                    break;
                case OfferOutcome.Refused:
                    _metrics.UpdateRefused(Reason(group.Offers[i]));
                    break;
                case OfferOutcome.Accepted or OfferOutcome.Repeated:
                    Stored(entry, group.Offers[i], sentAt);
                    break;
            }

            Repeat(entry, result, sentAt, isPostponed: isTaken && result.Outcome == OfferOutcome.NotNow);
        }

        return isTaken;
    }

    private void Stored(OutboxEntry entry, in Offer offer, long sentAt)
    {
        if (offer.Result.Outcome == OfferOutcome.Accepted && offer.Kind != OfferKind.Members)
        {
            entry.BeatAt = sentAt;
            _metrics.UpdateStored(offer.Status);
        }

        TellBatch(entry, offer);
    }

    /// <summary>What a batch says of a document carries the revision under which the document's state is stored, which is known only now.</summary>
    private void TellBatch(OutboxEntry entry, in Offer offer)
    {
        if (_outbox.Report(offer) is not { } batch)
            return;
        foreach (var flush in _flushes)
            flush.Follow(entry, batch);
    }

    private void NoteDropped(OutboxEntry batch, int dropped)
    {
        if (dropped == 0)
            return;
        _metrics.UpdateDropped("batch_full", dropped);
        Log.BatchFull(_logger, batch.Subject.Id, dropped, BatchLimits.Members);
    }

    private static string Reason(in Offer refused) =>
        refused.Kind != OfferKind.Numbered ? "ended" : refused.Result.Revision.Attempt > refused.Revision.Attempt ? "newer_attempt" : "older_number";

    private void Repeat(OutboxEntry entry, in OfferResult result, long sentAt, bool isPostponed = false)
    {
        entry.LastOffered = sentAt;
        var isAgain = entry.Settle(result);
        var isHeld = entry.IsHeld;
        (entry.IsHeld, entry.IsInFlight) = (false, false);
        if (isAgain && isPostponed)
        {
            if (entry.TryMark(entry.IsFinal ? Urgency.First : Urgency.Now) || isHeld)
                _schedule.AddAgain(entry, _reach.NextTry);
        }
        else
        {
            if (isAgain)
                _outbox.MarkUrgent(entry);
            if (isHeld)
                _schedule.Add(entry, _time.GetTimestamp(), _flushes.Count > 0);
        }

        if (!isAgain)
            Settled(entry);
    }

    private void Settled(OutboxEntry entry)
    {
        foreach (var flush in _flushes)
            flush.Settled(entry);
    }

    /// <summary><see langword="false"/> when the backplane does not answer.</summary>
    private async Task<bool> RenewAsync()
    {
        var failure = await _renewals.RenewAsync(Reach.LongestRetry).ConfigureAwait(false);
        if (failure is null)
            _reach.Find();
        else
            _reach.Lose(failure);
        return failure is null;
    }

    private void OnAnswered(OfferCall call)
    {
        _answered.Enqueue(call);
        _outbox.News.Set();
    }

    private void OnRestored()
    {
        _isRestored = true;
        _outbox.News.Set();
    }

    private void ArmTimer()
    {
        // An empty outbox sleeps until somebody reports.
        if (_outbox.Count == 0)
            return;
        var now = _time.GetTimestamp();
        var wakeAt = Math.Min(_renewals.NextAt, _schedule.NextAt ?? long.MaxValue);
        // Nothing is done before a retry that is to come, and one that has passed with nothing to send needs no waking: else the pump would spin.
        if (_reach.RetryAt is { } retryAt && retryAt > now)
            wakeAt = retryAt;
        if (wakeAt == long.MaxValue)
            return;
        var wait = _time.GetElapsedTime(now, wakeAt);
        // Timers count whole milliseconds; rounded down, the pump would wake too early and spin.
        _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        // A clock that only a test moves may have passed that moment before the timer was set, and would never reach it.
        if (_time.GetTimestamp() >= wakeAt)
            _outbox.News.Set();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}

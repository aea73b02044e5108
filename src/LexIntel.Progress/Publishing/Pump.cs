using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Wire;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// Empties the outbox into the backplane: per document at most one offer in an interval, ends first, many documents in one call, one call
/// at a time. While the backplane is away it tries again, ever more slowly, and whatever the entries hold stays there.
/// </summary>
internal sealed class Pump : IAsyncDisposable
{
    /// <summary>How long an end is kept after it was stored, for the case that the store forgets.</summary>
    internal static readonly TimeSpan KeepEnds = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(1);

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
    private readonly List<OutboxEntry> _inFlight = [];
    private readonly List<FlushRequest> _flushes = [];
    private OfferGroup _group;
    private long? _retryAt;
    private TimeSpan _retryDelay = FirstRetry;
    private bool _isAway;
    private volatile bool _isRestored;
    private volatile bool _isStopping;

    public Pump(Outbox outbox, IBackplane backplane, ProgressOptions options, TimeProvider time, ProgressMetrics metrics, ILogger<Pump> logger)
    {
        (_outbox, _backplane, _options, _time, _metrics, _logger) = (outbox, backplane, options, time, metrics, logger);
        _group = NewGroup();
        _schedule = new(Ticks(options.PublishInterval), Ticks(options.BatchInterval));
        _timer = time.CreateTimer(static state => ((Outbox)state!).News.Set(), outbox, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _renewals = new(outbox, backplane, options, time);
        _backplane.Restored += OnRestored;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _isStopping = true;
        _outbox.News.Set();
        await _loop.ConfigureAwait(false);
        _backplane.Restored -= OnRestored;
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (!_isStopping)
        {
            try
            {
                if (!await StepAsync().ConfigureAwait(false))
                    await _outbox.News.WaitAsync().ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A defect in one step must not silence the process for ever.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.PumpFailed(_logger, exception);
                PostponeRetry();
            }
        }
    }

    /// <summary>Does what is due. <see langword="false"/> when there is nothing to do before the next signal.</summary>
    private async Task<bool> StepAsync()
    {
        if (_isRestored)
        {
            _isRestored = false;
            _retryAt = null;
            _renewals.Hasten();
        }

        Collect();
        var now = _time.GetTimestamp();
        if (_retryAt is { } retryAt && now < retryAt)
            return Sleep();

        // In turns: neither may a flood of reports let leases run out, nor do many leases hold up reports.
        _renewals.BeginWhenDue(now);
        var isRenewing = _renewals.HasDue;
        if (isRenewing && !await RenewAsync().ConfigureAwait(false))
            return true;
        if (_schedule.HasDue)
            await OfferGroupAsync().ConfigureAwait(false);
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
            flush.Begin(_outbox.Entries.Where(entry => entry.IsDirty));
        }

        _flushes.RemoveAll(flush => flush.IsOver);
        while (_outbox.TryTakeMarked(out var entry))
            _schedule.Add(entry, now, _flushes.Count > 0);
        _schedule.Advance(now, _flushes.Count > 0);
    }

    private async Task OfferGroupAsync()
    {
        while (!_group.IsFull(_backplane.GroupSize) && _schedule.TryTake(out var entry))
        {
            // Marked more than once and taken already, or dropped meanwhile.
            if (!entry.IsDirty)
                continue;
            entry.IsInFlight = true;
            entry.Unmark();
            if (_outbox.Holds(entry) && entry.TryOffer(_group))
            {
                _inFlight.Add(entry);
            }
            else
            {
                entry.IsInFlight = false;
                Settled(entry);
            }
        }

        if (_inFlight.Count == 0)
            return;

        var now = _time.GetTimestamp();
        var isTaken = false;
        try
        {
            using var limit = new CancellationTokenSource(_options.BackplaneTimeout, _time);
            await _backplane.OfferAsync(_group, limit.Token).ConfigureAwait(false);
            isTaken = SettleGroup(now);
            _group.Clear();
        }
#pragma warning disable CA1031 // Whatever the client library throws, the outcome is unknown and the offer is repeated.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Away(exception.Message);
            // The call may still be under way and read the old group's bytes.
            _group = NewGroup();
            foreach (var entry in _inFlight)
                Repeat(entry, new OfferResult(OfferOutcome.Unknown), now);
        }

        _inFlight.Clear();
        if (isTaken)
            Back();
        else
            PostponeRetry();
    }

    /// <summary>Tells each entry its result. <see langword="false"/> when the store cannot take anything now.</summary>
    private bool SettleGroup(long now)
    {
        var isTaken = true;
        for (var i = 0; i < _inFlight.Count; i++)
        {
            var (entry, result) = (_inFlight[i], _group.Offers[i].Result);
            if (entry is BatchEntry && result.Outcome is not (OfferOutcome.NotNow or OfferOutcome.Impossible))
            {
                Repeat(entry, result, now);
                NoteDropped(entry, result.Tally.Dropped);
                continue;
            }

            switch (result.Outcome)
            {
                case OfferOutcome.NotNow:
                    isTaken = false;
                    Away(result.Error ?? "");
                    break;
                case OfferOutcome.Impossible:
                    _metrics.UpdateDropped("impossible");
                    Log.UpdateImpossible(_logger, entry.Subject, result.Error ?? "");
                    break;
                case OfferOutcome.Refused:
                    _metrics.UpdateRefused();
                    break;
                default:
                    _metrics.UpdateStored();
                    TellBatch(entry, _group.Offers[i]);
                    break;
            }

            Repeat(entry, result, now);
        }

        return isTaken;
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

    private void Repeat(OutboxEntry entry, in OfferResult result, long now)
    {
        entry.LastOffered = now;
        var isAgain = entry.Settle(result);
        if (isAgain)
            _outbox.MarkUrgent(entry);
        entry.IsInFlight = false;
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
        try
        {
            await _renewals.RenewAsync(LongestRetry).ConfigureAwait(false);
            Back();
            return true;
        }
#pragma warning disable CA1031 // As for offers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Away(exception.Message);
            return false;
        }
    }

    private void Away(string reason)
    {
        if (_isAway)
            return;
        _isAway = true;
        Log.OutboxWaits(_logger, reason);
    }

    private void Back()
    {
        _retryAt = null;
        _retryDelay = FirstRetry;
        if (!_isAway)
            return;
        _isAway = false;
        Log.OutboxGoesOn(_logger, _outbox.Count);
    }

    private void PostponeRetry()
    {
        _retryAt = After(_retryDelay);
        _retryDelay = _retryDelay * 2 < LongestRetry ? _retryDelay * 2 : LongestRetry;
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
        if (_retryAt is { } retryAt && retryAt > now)
            wakeAt = retryAt;
        var wait = _time.GetElapsedTime(now, wakeAt);
        // Timers count whole milliseconds; rounded down, the pump would wake too early and spin.
        _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    private long After(TimeSpan delay) => _time.GetTimestamp() + Ticks(delay);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private OfferGroup NewGroup() => new() { Retention = _options.Retention };
}

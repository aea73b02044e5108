using System.Collections.Concurrent;
using LexIntel.Progress.Backplane;
using LexIntel.Progress.Diagnostics;
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
    private readonly ILogger<Pump> _logger;
    private readonly ITimer _timer;
    private readonly Task _loop;

    private readonly Schedule _schedule;
    private readonly Renewals _renewals;
    private readonly Reach _reach;
    private readonly Flushes _flushes = new();
    private readonly Settlement _settlement;
    private readonly OfferCall[] _calls;
    private readonly Stack<OfferCall> _idle;
    private readonly ConcurrentQueue<OfferCall> _answered = new();
    private volatile bool _isRestored;
    private volatile bool _isAsleep;
    private long _steppedAt;
    private volatile bool _isStopping;

    public Pump(Outbox outbox, IBackplane backplane, ProgressOptions options, TimeProvider time, ProgressMetrics metrics, ILogger<Pump> logger)
    {
        (_outbox, _backplane, _options, _time, _logger) = (outbox, backplane, options, time, logger);
        _calls = [.. Enumerable.Range(0, MostCalls).Select(_ => new OfferCall(backplane, options, time, OnAnswered))];
        _idle = new(_calls);
        _schedule = new(Ticks(options.PublishInterval), Ticks(options.BatchInterval));
        _timer = time.CreateTimer(static state => ((Outbox)state!).News.Set(), outbox, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _renewals = new(outbox, backplane, options, time);
        _reach = new(outbox, time, logger);
        _settlement = new(outbox, _schedule, _reach, _flushes, time, metrics, logger);
        _backplane.Restored += OnRestored;
        metrics.Observe("outbox.documents", "{document}", "Documents in the outbox: those that wait, and those that are kept until the store can no longer forget them. Those of which only the steps are remembered do not count.", () => _outbox.Entries.Count(entry => !_renewals.IsAtRest(entry)));
        metrics.ObserveBackplane("write", () => !_reach.IsAway);
        _steppedAt = time.GetTimestamp();
        _loop = Detached.Run(RunAsync);
    }

    /// <summary>Completes when nothing is sent any more.</summary>
    public Task Running => _loop;

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
        {
            _settlement.Settle(call);
            call.Clear();
            _idle.Push(call);
        }

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
        _flushes.Begin(_outbox);
        while (_outbox.TryTakeMarked(out var entry))
        {
            _renewals.Add(entry, now);
            _schedule.Add(entry, now, _flushes.AreWaiting);
        }

        _schedule.Advance(now, _flushes.AreWaiting);
    }

    private void Offer()
    {
        var call = _idle.Peek();
        var now = _time.GetTimestamp();
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
            _flushes.Offered(entry);
            if (_outbox.Holds(entry) && TryOffer(entry, call.Group))
            {
                entry.LastOffered = now;
                call.Entries.Add(entry);
            }
            else
            {
                entry.IsInFlight = false;
                _flushes.Settled(entry);
            }
        }

        if (call.Entries.Count == 0)
            return;
        _idle.Pop();
        call.Send();
    }

    /// <summary><see langword="false"/> when there is nothing to say any more, or it cannot be written: that holds up neither what comes after it nor a flush.</summary>
    private bool TryOffer(OutboxEntry entry, OfferGroup group)
    {
        try
        {
            return entry.TryOffer(group);
        }
#pragma warning disable CA1031 // Whatever it is, tried again at once it would fail again, for ever.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _settlement.Drop(entry, exception.ToString());
            // After an end nothing comes that could be written.
            if (entry.IsFinal && !entry.IsDirty)
                _outbox.Remove(entry);
            return false;
        }
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

using LexIntel.Progress.Diagnostics;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Hub;

/// <summary>
/// Whether the backplane does what readers need. Two ways are measured apart, because either can fail alone: reading what is stored, and the
/// way of a message from its publisher to a subscription. Each is degraded after 5 s without success, and recovered after two successes.
/// </summary>
internal sealed class BackplaneHealth(TimeProvider time, ILogger<BackplaneHealth> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int SuccessesToRecover = 2;

    private readonly Lock _gate = new();
    private readonly Way _reading = new();
    private readonly Way _delivery = new();
    private Degradation? _degradation;

    /// <summary>A degradation began or ended.</summary>
    public event Action? Changed;

    /// <summary>Since when and why streams are degraded; <see langword="null"/> while they are not.</summary>
    public Degradation? Degradation => Volatile.Read(ref _degradation);

    /// <summary>Whether what is stored could not be read when that was tried last.</summary>
    public bool IsReadingFailing => Volatile.Read(ref _reading.IsFailing);

    /// <summary>Whether messages may be missing: the last one that was sent to measure that did not arrive.</summary>
    public bool IsDeliveryFailing => Volatile.Read(ref _delivery.IsFailing);

    /// <summary>Whether any of it fails.</summary>
    public bool IsFailing => IsReadingFailing || IsDeliveryFailing || Degradation is not null;

    /// <summary>What is stored was read.</summary>
    public void Read() => Succeed(_reading);

    /// <summary>What is stored could not be read.</summary>
    public void FailToRead(Exception exception) => Fail(_reading, exception.Message);

    /// <summary>A message arrived that was sent to measure that.</summary>
    public void Deliver() => Succeed(_delivery);

    /// <summary>A message that was sent to measure that did not arrive, or could not be sent.</summary>
    public void FailToDeliver(Exception exception) => Fail(_delivery, exception.Message);

    private void Succeed(Way way)
    {
        lock (_gate)
        {
            way.IsFailing = false;
            way.SucceededAt = time.GetTimestamp();
            if (!way.IsDegraded || ++way.Successes < SuccessesToRecover)
                return;
            way.IsDegraded = false;
            if (_reading.IsDegraded || _delivery.IsDegraded)
                return;
            _degradation = null;
        }

        Log.Recovered(logger);
        Changed?.Invoke();
    }

    private void Fail(Way way, string detail)
    {
        lock (_gate)
        {
            way.IsFailing = true;
            way.Successes = 0;
            if (way.IsDegraded || (way.SucceededAt is { } last && time.GetElapsedTime(last) < Patience))
                return;
            way.IsDegraded = true;
            if (_degradation is not null)
                return;
            _degradation = new(time.GetUtcNow(), "backplane-unavailable", detail);
        }

        Log.Degraded(logger, detail);
        Changed?.Invoke();
    }

    private sealed class Way
    {
        public bool IsFailing;
        public bool IsDegraded;
        public long? SucceededAt;
        public int Successes;
    }
}

/// <param name="Since">When it began.</param>
/// <param name="Reason">A word for clients.</param>
/// <param name="Detail">What an operator has to know.</param>
internal sealed record Degradation(DateTimeOffset Since, string Reason, string Detail);
